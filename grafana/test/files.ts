// The dashboards and the provisioning as Grafana gets them.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')

export type Link = { title: string; url: string }
export type Target = {
  refId: string
  datasource: { type: string; uid: string }
  expr?: string
  legendFormat?: string
  instant?: boolean
  exemplar?: boolean
  rawSql?: string
  format?: string
}
export type Panel = {
  id: number
  type: string
  title: string
  description?: string
  interval?: string
  targets?: Target[]
  links?: Link[]
  options?: Record<string, unknown>
  fieldConfig?: {
    defaults: { unit?: string; noValue?: string; custom?: Record<string, unknown> }
    overrides: { matcher: { options: string }; properties: { id: string; value: unknown }[] }[]
  }
}
export type Variable = { name: string; type: string; query: string; datasource?: { type: string; uid: string } }
export type Dashboard = {
  uid: string
  title: string
  description: string
  schemaVersion: number
  time: { from: string; to: string }
  panels: Panel[]
  templating: { list: Variable[] }
  annotations: { list: { name: string; expr: string; datasource: { uid: string } }[] }
}

/** By the name of their file. */
export const dashboards: Record<string, Dashboard> = Object.fromEntries(
  globSync('grafana/dashboards/*.json', { cwd: root })
    .sort()
    .map((file) => [basename(file, '.json'), JSON.parse(read(file))]),
)

/** All panels but the headings of rows. */
export const panelsOf = ({ panels }: Dashboard) => panels.filter(({ type }) => type !== 'row')

export type DataSource = {
  name: string
  uid: string
  type: string
  jsonData: Record<string, any>
  correlations?: {
    targetUID: string
    label: string
    description: string
    config: { type: string; field: string; target: Record<string, string> }
  }[]
}
export const datasources: DataSource[] = parse(read('grafana/provisioning/datasources/leadlight.yaml')).datasources

export type Rule = {
  title: string
  labels: Record<string, string>
  annotations: Record<string, string>
  data: { model: { rawSql: string; conditions: { evaluator: { type: string; params: number[] } }[] } }[]
}
export const ruleGroups: { folder: string; rules: Rule[] }[] = parse(
  read('grafana/provisioning/alerting/rules.yaml'),
).groups
