// Every query in the repository's YAML, JSON, SQL and Markdown, with where it stands.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import type { Query } from './names.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const files = (pattern: string) => globSync(pattern, { cwd: root }).sort()
export const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')

/** Keys whose text is always a query, by its language. */
const languages = { expr: 'promql', rawSql: 'sql' } as const

/** The queries anywhere inside a parsed YAML or JSON document. */
export function queriesIn(where: string, node: unknown): Query[] {
  if (Array.isArray(node)) return node.flatMap((item) => queriesIn(where, item))
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]): Query[] => {
    if (typeof value !== 'string') return queriesIn(where, value)
    if (key in languages) return [{ where, language: languages[key as keyof typeof languages], text: value }]
    if (key !== 'query' || value.startsWith('$')) return []
    if ('type' in node && node.type === 'textbox') return [] // a dashboard's variable that a person fills in
    if (isSqlVariable(node)) return [{ where, language: 'sql', text: value }]
    if ('queryType' in node) return node.queryType === 'traceql' ? [{ where, language: 'traceql', text: value }] : []
    // a link from a span to a metric, where Grafana fills in the span's tags
    return [{ where, language: 'promql', text: value.replace('$$__tags', '') }]
  })
}

const isSqlVariable = (node: object) =>
  'datasource' in node && (node.datasource as { type?: string } | null)?.type === 'grafana-postgresql-datasource'

/** The fenced queries of a page. */
export function queriesOfPage(where: string, text: string): Query[] {
  return [...text.matchAll(/^```(promql|sql|traceql)\n(.*?)^```$/gms)].map(([, language, query = '']) => ({
    where,
    language: language as Query['language'],
    text: query.trim(),
  }))
}

export const allQueries = (): Query[] => [
  ...files('{prometheus/rules,grafana/{dashboards,provisioning/**}}/*.{yml,yaml,json}').flatMap((file) =>
    parseAllDocuments(read(file)).flatMap((document) => queriesIn(file, document.toJS())),
  ),
  ...files('runbooks/*.md').flatMap((file) => queriesOfPage(file, read(file))),
  ...files('ingest-service/migrations/*.sql').map(
    (file): Query => ({ where: file, language: 'sql', text: read(file) }),
  ),
]
