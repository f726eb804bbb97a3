// Traffic as steady as a clock, for every scrape job: each counter grows by so much a second, so that every rate is known.
import { canaryChecks, jobs, requestOutcomes, routes, type scrapeLabels } from 'contract/metrics'
import { dropReasons, ignoreReasons, rejections } from 'contract/refusals'

type Job = (typeof jobs)[number]
export type Series = {
  job: Job
  metric: string
  labels: Record<string, string>
  /** Its value at a moment, both in seconds since 1970. */
  at(seconds: number): number
  /** When it is there, in seconds since 1970. */
  from?: number
  until?: number
}

export const acme = '019abc00-0000-7000-8000-00000000000a'
export const bolt = '019abc00-0000-7000-8000-00000000000b'

/** Everything since `birth`, in seconds since 1970; the service's version changed at `deployed`. */
export function makeTraffic(birth: number, deployed: number): Series[] {
  const counter = (job: Job, metric: string, labels: Record<string, string>, perSecond: number): Series => ({
    job,
    metric,
    labels,
    at: (seconds) => perSecond * (seconds - birth),
  })
  const gauge = (job: Job, metric: string, value: number, labels: Record<string, string> = {}): Series => ({
    job,
    metric,
    labels,
    at: () => value,
  })
  /** A moment that is always so many seconds ago. */
  const ago = (job: Job, metric: string, age: number, labels: Record<string, string> = {}): Series => ({
    job,
    metric,
    labels,
    at: (seconds) => seconds - age,
  })
  /** Observations a second up to each bound; the largest has them all. */
  const histogram = (job: Job, metric: string, labels: Record<string, string>, upTo: Record<string, number>) => {
    const all = Math.max(...Object.values(upTo))
    return [
      ...Object.entries({ ...upTo, '+Inf': all }).map(([le, perSecond]) =>
        counter(job, `${metric}_bucket`, { ...labels, le }, perSecond),
      ),
      counter(job, `${metric}_count`, labels, all),
      counter(job, `${metric}_sum`, labels, all),
    ]
  }
  const requests: Record<string, number> = {
    'events ok': 23,
    'events refused': 0.988,
    'events error': 0.012,
    'traces ok': 5.97,
    'traces error': 0.03,
    'widget ok': 2,
    'portal ok': 1,
    'analytics ok': 1,
    'other refused': 0.5,
  }
  const byReason = (metric: string, reasons: readonly string[], perSecond: Record<string, number>, labels = {}) =>
    reasons.map((reason) => counter('ingest-service', metric, { reason, ...labels }, perSecond[reason] ?? 0))
  const api = (operation: string, status: string, labels: Record<string, string> = {}) => ({
    span_name: 'api_call',
    status_code: `STATUS_CODE_${status}`,
    estimate_widget_operation: operation,
    ...labels,
  })
  const call = (operation: string, status: string, tenant_id: string, perSecond: number) =>
    counter('widget-spans', 'widget_span_calls_total', api(operation, status, { tenant_id }), perSecond)
  const seconds = 'widget_span_duration_seconds'
  return [
    { ...gauge('ingest-service', 'leadlight_build_info', 1, { version: '0.1.0' }), until: deployed },
    { ...gauge('ingest-service', 'leadlight_build_info', 1, { version: '0.2.0' }), from: deployed },
    ...routes.flatMap((route) =>
      requestOutcomes.map((outcome) =>
        counter(
          'ingest-service',
          'leadlight_http_requests_total',
          { route, outcome },
          requests[`${route} ${outcome}`] ?? 0,
        ),
      ),
    ),
    ...histogram(
      'ingest-service',
      'leadlight_http_request_duration_seconds',
      { route: 'events', outcome: 'ok' },
      { '0.005': 0, '0.01': 12, '0.025': 21.6, '0.05': 23.88, '0.5': 23.88, '1': 24 },
    ),
    ...histogram(
      'ingest-service',
      'leadlight_http_request_duration_seconds',
      { route: 'traces', outcome: 'ok' },
      { '0.5': 5, '2.5': 5.85, '5': 6 },
    ),
    ...Object.entries({ accepted: 60, duplicate: 3, ignored: 5, rejected: 2 }).map(([outcome, perSecond]) =>
      counter('ingest-service', 'leadlight_events_total', { outcome }, perSecond),
    ),
    ...byReason(
      'leadlight_events_rejected_total',
      rejections,
      { invalid_properties: 1.5, unknown_type: 0.5 },
      { tenant_class: 'ordinary' },
    ),
    ...byReason('leadlight_events_rejected_total', rejections, { unknown_type: 1 }, { tenant_class: 'canary' }),
    ...byReason('leadlight_events_ignored_total', ignoreReasons, { do_not_track: 4, bot: 1 }),
    ...byReason('leadlight_client_dropped_total', dropReasons, { queue_overflow: 0.4, expired: 0.2 }),
    ...Object.entries({ ok: 6, refused: 0.3, error: 0.1 }).map(([outcome, perSecond]) =>
      counter('ingest-service', 'leadlight_spans_requests_total', { outcome }, perSecond),
    ),
    gauge('ingest-service', 'leadlight_writer_queue_rows', 17),
    ...histogram(
      'ingest-service',
      'leadlight_writer_commit_duration_seconds',
      {},
      { '0.005': 5, '0.01': 9, '0.025': 10 },
    ),
    gauge('ingest-service', 'leadlight_writer_queue_bytes', 4_096),
    ...histogram('ingest-service', 'leadlight_writer_group_rows', {}, { '1': 0, '10': 5, '100': 9, '600': 10 }),
    gauge('ingest-service', 'leadlight_database_up', 1),
    ...Object.entries({ active: 3, idle: 8, idle_in_transaction: 1, other: 0 }).map(([state, connections]) =>
      gauge('ingest-service', 'leadlight_database_connections', connections, { state }),
    ),
    gauge('ingest-service', 'leadlight_database_connections_max', 100),
    gauge('ingest-service', 'leadlight_database_longest_transaction_seconds', 2.5),
    gauge('ingest-service', 'leadlight_database_size_bytes', 5e9),
    gauge('ingest-service', 'leadlight_volume_free_bytes', 30e9, { volume: 'postgres' }),
    gauge('ingest-service', 'leadlight_volume_size_bytes', 40e9, { volume: 'postgres' }),
    gauge('ingest-service', 'leadlight_rollup_lag_seconds', 1.5),
    gauge('ingest-service', 'leadlight_tenant_silent', 0, { tenant_id: acme }),
    gauge('ingest-service', 'leadlight_tenant_silent', 1, { tenant_id: bolt }),
    gauge('ingest-service', 'leadlight_tenants_expected', 2),
    gauge('ingest-service', 'leadlight_tenants_silent', 1),
    gauge('ingest-service', 'leadlight_future_partitions', 7),
    gauge('ingest-service', 'leadlight_oldest_event_age_days', 91),
    ago('ingest-service', 'leadlight_retention_last_success_timestamp_seconds', 1_200),

    ...canaryChecks.flatMap((check, place) => [
      ago('canary', 'leadlight_canary_last_success_timestamp_seconds', 1_000 * (place + 1), { check }),
      gauge('canary', 'leadlight_canary_delay_seconds', place + 1, { check }),
      counter('canary', 'leadlight_canary_checks_total', { check, outcome: 'success' }, 0.9),
      counter('canary', 'leadlight_canary_checks_total', { check, outcome: 'failure' }, 0.1),
    ]),
    gauge('canary', 'leadlight_canary_clock_skew_seconds', 0.25),
    ago('canary', 'leadlight_canary_certificate_expiry_timestamp_seconds', -864_000),

    gauge('collector', 'otelcol_exporter_queue_size', 25_000_000, { exporter: 'otlp_http/browser' }),
    gauge('collector', 'otelcol_exporter_queue_capacity', 100_000_000, { exporter: 'otlp_http/browser' }),
    gauge('collector', 'otelcol_exporter_queue_size', 5_000_000, { exporter: 'otlp_http/internal' }),
    gauge('collector', 'otelcol_exporter_queue_capacity', 100_000_000, { exporter: 'otlp_http/internal' }),
    counter('collector', 'otelcol_exporter_sent_spans', { exporter: 'otlp_http/browser' }, 7),
    counter('collector', 'otelcol_exporter_sent_spans', { exporter: 'otlp_http/internal' }, 2),
    counter('collector', 'otelcol_exporter_send_failed_spans', { exporter: 'otlp_http/browser' }, 0.5),
    counter('collector', 'otelcol_exporter_enqueue_failed_spans', { exporter: 'otlp_http/browser' }, 0.25),
    counter('collector', 'otelcol_processor_filter_spans_filtered', { filter: 'filter/impossible' }, 0.2),
    counter('collector', 'otelcol_processor_filter_spans_filtered', { filter: 'filter/tenant' }, 0.1),

    call('send_message', 'UNSET', acme, 4),
    call('send_message', 'ERROR', acme, 1),
    call('send_message', 'UNSET', bolt, 3),
    call('send_message', 'ERROR', bolt, 2),
    call('create_estimate', 'UNSET', acme, 4),
    ...histogram('widget-spans', seconds, api('send_message', 'UNSET'), { '0.25': 0, '0.5': 6.3, '0.75': 7 }),
    ...histogram('widget-spans', seconds, api('send_message', 'ERROR'), { '0.25': 0, '0.5': 2.7, '0.75': 3 }),
    ...histogram('widget-spans', seconds, api('create_estimate', 'UNSET'), { '1.5': 3.6, '2.5': 4 }),
    ...histogram(
      'widget-spans',
      seconds,
      { span_name: 'widget_loaded', status_code: 'STATUS_CODE_UNSET', estimate_widget_operation: '' },
      { '0.75': 0, '1': 2.5, '1.5': 2.5, '2.5': 4, '4': 4.5, '6': 5 },
    ),

    gauge('prometheus', 'prometheus_notifications_alertmanagers_discovered', 1),
    counter('prometheus', 'prometheus_notifications_errors_total', { alertmanager: 'http://alertmanager' }, 0.05),
    counter('prometheus', 'prometheus_rule_evaluation_failures_total', { rule_group: 'widget' }, 0.02),
    gauge('prometheus', 'prometheus_config_last_reload_successful', 1),
    gauge('alertmanager', 'alertmanager_config_last_reload_successful', 1),
    counter('alertmanager', 'alertmanager_notifications_failed_total', { integration: 'webhook' }, 0.02),
  ]
}

const isThere = ({ from = 0, until = Number.POSITIVE_INFINITY }: Series, seconds: number) =>
  from <= seconds && seconds < until

const labelText = (labels: Record<string, string>) =>
  Object.entries(labels)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}="${value}"`)
    .join()

/** The trace that the newest observation of every bucket belongs to. */
export const exemplar = { trace_id: 'd'.repeat(32), span_id: 'e'.repeat(16) }

/** What the job's scrape answers at a moment, as OpenMetrics. Only of what is said to be a histogram does Prometheus store bounds as floats. */
export const expose = (traffic: Series[], job: Job, seconds: number) =>
  traffic
    .filter((series) => series.job === job && isThere(series, seconds))
    .map(({ metric, labels, at }, index, all) => {
      const histogram = /^(.*)_bucket$/.exec(metric)?.[1]
      const isFirst = all.findIndex((series) => series.metric === metric) === index
      const type = histogram && isFirst ? `# TYPE ${histogram} histogram\n` : ''
      const observed = histogram && job === 'widget-spans' ? ` # {${labelText(exemplar)}} 0.3 ${seconds}` : ''
      return `${type}${metric}{${labelText(labels)}} ${at(seconds)}${observed}\n`
    })
    .concat('# EOF\n')
    .join('')

/** What was scraped at these moments, as OpenMetrics, with bounds as Prometheus stores them: "4" becomes "4.0". */
export function* history(traffic: Series[], instances: Record<Job, string>, moments: number[]): Generator<string> {
  const ups = jobs.map((job): Series => ({ job, metric: 'up', labels: {}, at: () => 1 }))
  for (const series of [...traffic, ...ups]) {
    const { le, ...labels } = series.labels
    const bound: Record<string, string> = le === undefined ? {} : { le: /^\d+$/.test(le) ? `${le}.0` : le }
    const scrape: Record<(typeof scrapeLabels)[number], string> = { job: series.job, instance: instances[series.job] }
    const head = `${series.metric}{${labelText({ ...labels, ...bound, ...scrape })}}`
    yield moments
      .filter((moment) => isThere(series, moment))
      .map((moment) => `${head} ${series.at(moment)} ${moment}\n`)
      .join('')
  }
  yield '# EOF\n'
}
