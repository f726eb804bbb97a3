// Finds the names in a query that the contract lacks.
import { eventTypes } from 'contract/events'
import {
  canaryChecks,
  canaryMetrics,
  canaryOutcomes,
  connectionStates,
  eventOutcomes,
  foreignMetrics,
  jobs,
  lateMetrics,
  operatorMetrics,
  overflowLabel,
  recordedMetrics,
  requestOutcomes,
  routes,
  scrapeLabels,
  serviceMetrics,
  severities,
  spanMetrics,
  spanStatusCodes,
  tenantClasses,
} from 'contract/metrics'
import { dropReasons, ignoreReasons, problems, rejections } from 'contract/refusals'
import { apiCallSpan, attributes, operations, otherSpan } from 'contract/spans'
import { type Matcher, readPromql } from './promql.ts'

export type Query = { where: string; language: 'promql' | 'sql' | 'traceql'; text: string }

/** One line for each name in the query that the contract lacks. */
export function wrongNames({ where, language, text }: Query): string[] {
  const find = { promql: wrongInPromql, sql: wrongInSql, traceql: wrongInTraceql }[language]
  return find(text).map((name) => `${where}: ${name}`)
}

/** The labels of each series there is; a histogram has three, and none by its bare name. */
const labels: Record<string, readonly string[]> = { ...recordedMetrics }
for (const [metric, own] of Object.entries({
  ...serviceMetrics,
  ...canaryMetrics,
  ...spanMetrics,
  ...foreignMetrics,
  ...lateMetrics,
  ...operatorMetrics,
})) {
  const all = [...own, ...scrapeLabels, ...(metric in spanMetrics ? [overflowLabel] : [])]
  if (/_duration_seconds$|_group_rows$/.test(metric)) {
    for (const suffix of ['_sum', '_count']) labels[metric + suffix] = all
    labels[`${metric}_bucket`] = [...all, 'le']
  } else labels[metric] = all
}

/** The labels that some series of the expression may have. */
export const labelsIn = (expression: string): Set<string> =>
  new Set(readPromql(expression).selectors.flatMap(({ metric }) => labels[metric] ?? []))

function wrongInPromql(text: string): string[] {
  // Grafana's own variables stand for durations, a dashboard's for a quoted string
  const expression = text.replaceAll(/\$__(rate_)?(interval|range)\b/g, '5m').replaceAll(/\$\{(\w+):json\}/g, '"$$$1"')
  const { selectors, groupings } = readPromql(expression)
  const known = labelsIn(expression)
  return [
    ...selectors.flatMap(({ metric, matchers }) => {
      const own = labels[metric]
      if (!own) return [`metric ${metric}`]
      return matchers.flatMap((matcher) =>
        own.includes(matcher.label) ? wrongValues(metric, matcher) : [`label ${matcher.label} of ${metric}`],
      )
    }),
    ...groupings.filter((label) => !known.has(label)).map((label) => `label ${label}`),
  ]
}

function wrongValues(metric: string, { label, operator, value }: Matcher): string[] {
  const known = valuesOf(metric, label)
  // a dashboard's variable holds what the label has
  if (!known || value.startsWith('$')) return []
  const words = operator.endsWith('~') ? value.split('|').filter((word) => !/^\.[*+]$/.test(word)) : [value]
  return words.filter((word) => word && !known.includes(word)).map((word) => `${label} ${word}`)
}

const spanNames: readonly string[] = [...eventTypes, apiCallSpan, otherSpan]
const closedLists: Record<string, readonly string[]> = {
  span_name: spanNames,
  status_code: spanStatusCodes,
  estimate_widget_operation: operations,
  route: routes,
  outcome: requestOutcomes,
  tenant_class: tenantClasses,
  state: connectionStates,
  job: jobs,
  severity: severities,
  check: canaryChecks,
}
const closedListsOf: Record<string, Record<string, readonly string[]>> = {
  leadlight_canary_checks_total: { outcome: canaryOutcomes },
  leadlight_events_total: { outcome: eventOutcomes },
  leadlight_http_problems_total: { code: Object.keys(problems) },
  'check_outcome:leadlight_canary_checks:rate5m': { outcome: canaryOutcomes },
  'outcome:leadlight_events:rate5m': { outcome: eventOutcomes },
  leadlight_events_rejected_total: { reason: rejections },
  leadlight_events_ignored_total: { reason: ignoreReasons },
  leadlight_client_dropped_total: { reason: dropReasons },
}
const valuesOf = (metric: string, label: string) => closedListsOf[metric]?.[label] ?? closedLists[label]

/** Event types only: which views and columns there are a database tells. */
function wrongInSql(text: string): string[] {
  const lists = text.matchAll(/\btype(?:::text)?\s*(?:=|<>|!=|(?:not\s+)?in)\s*(\([^)]*\)|'[^']*')/gi)
  return [...lists]
    .flatMap(([, list = '']) => [...list.matchAll(/'([^']*)'/g)])
    .map(([, type = '']) => type)
    .filter((type) => !(eventTypes as string[]).includes(type))
    .map((type) => `event type ${type}`)
}

function wrongInTraceql(text: string): string[] {
  const keys: string[] = Object.values(attributes)
  return [
    ...[...text.matchAll(/(?<![.\w])name\s*=\s*"([^"]*)"/g)]
      .map(([, name = '']) => name)
      .filter((name) => !spanNames.includes(name))
      .map((name) => `span ${name}`),
    ...[...text.matchAll(/(?<![\w"])(?:span|resource)?\.([a-z][\w.]*)/g)]
      .map(([, key = '']) => key)
      .filter((key) => !keys.includes(key))
      .map((key) => `attribute ${key}`),
  ]
}
