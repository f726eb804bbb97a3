// Every series that rules, dashboards and runbooks may name, as a fleet of a hundred tenants and two replicas makes them.
import { eventTypes } from 'contract/events'
import * as metrics from 'contract/metrics'
import { dropReasons, ignoreReasons, rejections } from 'contract/refusals'
import { apiCallSpan, operations } from 'contract/spans'

export type Series = {
  /** Name and labels, as OpenMetrics writes them. */
  head: string
  /** A counter only grows; a gauge goes up and down. */
  counts: boolean
  /** How far back somebody looks at it: over windows (each sample is read), point by point, or only at what is new. */
  read: 'over windows' | 'by point' | 'when new'
}

const tenantCount = 100
export const tenants = Array.from(
  { length: tenantCount },
  (_, number) => `019abc00-0000-7000-8000-${`${number}`.padStart(12, '0')}`,
)
const replicas = ['10.0.0.1:8081', '10.0.0.2:8081']
const seconds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1.0', '2.5', '5.0', '10.0', '+Inf']
const loadSeconds = ['0.05', '0.1', '0.25', '0.5', '0.75', '1.0', '1.5', '2.5', '4.0', '6.0', '10.0', '+Inf']
const rows = ['1.0', '5.0', '20.0', '50.0', '100.0', '200.0', '400.0', '600.0', '+Inf']
/** By a word of the metric's name, as it is scraped and as it is recorded. */
const outcomes: Record<string, readonly string[]> = {
  leadlight_events: metrics.eventOutcomes,
  leadlight_canary_checks: metrics.canaryOutcomes,
  leadlight_: metrics.requestOutcomes,
}
const reasons: Record<string, readonly string[]> = {
  rejected: rejections,
  ignored: ignoreReasons,
  dropped: dropReasons,
}
const others: Record<string, readonly string[]> = {
  route: metrics.routes,
  tenant_class: metrics.tenantClasses,
  check: metrics.canaryChecks,
  state: metrics.connectionStates,
  volume: ['data', 'postgres'],
  version: ['1.0.0'],
  exporter: ['otlp_http/browser', 'otlp_http/internal'],
  filter: ['filter/impossible', 'filter/tenant'],
  integration: ['webhook'],
  alertmanager: ['http://10.0.0.9:9093/api/v2/alerts'],
  rule_group: ['widget'],
  tenant_id: tenants,
  status_code: metrics.spanStatusCodes.filter((code) => code !== 'STATUS_CODE_OK'),
  span_name: [...eventTypes, apiCallSpan],
  // none: a span that is no call
  estimate_widget_operation: [...operations, ''],
  objective: ['EventsAvailability', 'EventsLatency', 'SpansAvailability', 'SpansLatency'],
  alertname: ['Watchdog'],
  alertstate: ['firing'],
  severity: ['none'],
  leadlight_queue_corrupt_files: ['0'],
}

const firstOf = (values: Record<string, readonly string[]>, metric: string) =>
  Object.entries(values).find(([word]) => metric.includes(word))?.[1] ?? []

const valuesOf = (metric: string, label: string): readonly string[] => {
  if (label === 'outcome') return firstOf(outcomes, metric)
  if (label === 'reason') return firstOf(reasons, metric)
  if (label === 'le') return metric.includes('group') ? rows : /widget|load/.test(metric) ? loadSeconds : seconds
  // a job of a recorded metric is the one whose counters it adds up
  if (label === 'job') return [metric.includes('span') ? 'widget-spans' : 'ingest-service']
  return others[label] ?? []
}

type Labels = Record<string, string>

/** All combinations of the labels' values. */
const combine = (metric: string, names: readonly string[]): Labels[] =>
  names.reduce<Labels[]>(
    (sets, name) => sets.flatMap((set) => valuesOf(metric, name).map((value) => ({ ...set, [name]: value }))),
    [{}],
  )

function series(metric: string, labels: Labels): Series {
  const counts = /_(total|count|bucket|sum|sent_spans|filtered|failed_spans)$/.test(metric)
  const head = `${metric}{${Object.entries(labels)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}="${value}"`)
    .join()}}`
  return { head, counts, read: readingOf(metric, labels, counts) }
}

/** What the queries of dashboards and runbooks do; the bench is slower, not faster, when this claims too much. */
function readingOf(metric: string, { tenant_id, route, le }: Labels, counts: boolean): Series['read'] {
  if (tenant_id !== undefined && tenant_id !== tenants[0]) return 'when new'
  if (metric === 'widget_span_duration_seconds_bucket') return 'by point'
  // of histograms, the objectives read a month of their own bounds
  if (/_bucket$/.test(metric))
    return /events|traces/.test(route ?? '') && /^(0\.5|2\.5)$/.test(le ?? '') ? 'over windows' : 'when new'
  if (/_count$/.test(metric)) return /events|traces/.test(route ?? '') ? 'over windows' : 'when new'
  if (/_sum$/.test(metric)) return 'when new'
  return counts ? 'over windows' : 'by point'
}

const isHistogram = (metric: string) =>
  /_(seconds|rows)$/.test(metric) && /request_duration|commit_duration|group_rows|span_duration/.test(metric)

function scraped(job: string, instances: string[], declared: Record<string, readonly string[]>): Series[] {
  return Object.entries(declared).flatMap(([metric, names]) =>
    instances.flatMap((instance) => {
      const at = (name: string, labels: readonly string[]) =>
        combine(name, labels)
          .filter(isPossible)
          .map((set) => series(name, { ...set, job, instance }))
      return isHistogram(metric)
        ? [...at(`${metric}_bucket`, [...names, 'le']), ...at(`${metric}_count`, names), ...at(`${metric}_sum`, names)]
        : at(metric, names)
    }),
  )
}

/** An operation belongs to a call, and to nothing else here. */
const isPossible = ({ span_name = apiCallSpan, estimate_widget_operation: operation }: Labels) =>
  operation === undefined || (span_name === apiCallSpan) === (operation !== '')

export function makeFleet(): Series[] {
  const foreign = (pattern: RegExp) =>
    Object.fromEntries(
      Object.entries({ ...metrics.foreignMetrics, ...metrics.lateMetrics }).filter(([name]) => pattern.test(name)),
    )
  return [
    ...scraped('widget-spans', ['10.0.0.3:8889'], metrics.spanMetrics),
    ...scraped('ingest-service', replicas, metrics.serviceMetrics),
    ...scraped('canary', ['10.0.0.4:8082'], metrics.canaryMetrics),
    ...scraped('collector', ['10.0.0.3:8888'], foreign(/^(otelcol|target)_/)),
    ...scraped('prometheus', ['10.0.0.5:9090'], foreign(/^prometheus_/)),
    ...scraped('alertmanager', ['10.0.0.6:9093'], foreign(/^alertmanager_/)),
    ...metrics.jobs.flatMap((job) =>
      ['up', 'scrape_samples_post_metric_relabeling'].map((name) => series(name, { job, instance: `${job}:80` })),
    ),
    ...Object.entries({ ALERTS: metrics.foreignMetrics.ALERTS, ...metrics.recordedMetrics }).flatMap(
      ([metric, names]) =>
        combine(metric, names)
          .filter(isPossible)
          .map((labels) => series(metric, labels)),
    ),
  ]
}
