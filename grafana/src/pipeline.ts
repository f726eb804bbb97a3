// Pipeline: do spans, metrics and alerts get through, from the collector to whoever is told?
import { EventsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { buildDashboard } from './dashboard.ts'
import { lines, number, stack, states } from './panels.ts'
import { latest, series } from './queries.ts'
import { canarySeconds, certificateSeconds, queueShare, skewSeconds, upOrDown } from './thresholds.ts'

const up = states({
  title: 'What answers its scrape',
  description: 'Green while Prometheus reaches the part.',
  unit: 'bool_on_off',
  empty: 'Prometheus scrapes nothing',
  width: 24,
  thresholds: upOrDown,
  runbooks: ['IngestDown', 'IngestReplicaDown', 'CollectorDown', 'SpanMetricsDown', 'CanaryDown'],
  queries: [series('{{job}} {{instance}}', 'up')],
})

const queue = lines({
  title: 'Collector’s queue',
  description:
    'How full the queue on disk is in which spans wait for the trace store. When it is full, spans are refused; events and metrics are not concerned.',
  unit: PercentUnit,
  empty: 'The collector does not answer',
  width: 12,
  thresholds: queueShare,
  runbooks: ['CollectorQueueFilling', 'CollectorQueueCorrupt'],
  queries: [series('{{exporter}}', 'otelcol_exporter_queue_size / otelcol_exporter_queue_capacity')],
}).max(1)

const filtered = stack({
  title: 'Spans dropped by the collector’s checks',
  description:
    'Spans with impossible times, without ids, with links, or without a tenant. Browsers of visitors send none of those.',
  unit: EventsPerSecond,
  empty: 'None dropped yet',
  width: 12,
  queries: [series('{{filter}}', 'sum by (filter) (rate(otelcol_processor_filter_spans_filtered[$__rate_interval]))')],
})

const exported = lines({
  title: 'Spans to the trace store',
  description:
    'Spans a second that the trace store has taken, and those that were given up: given up after a refusal, or not even queued.',
  unit: EventsPerSecond,
  empty: 'No spans sent',
  width: 12,
  runbooks: ['CollectorSpansLost'],
  queries: [
    series('taken', 'sum(rate(otelcol_exporter_sent_spans[$__rate_interval]))'),
    series('given up', 'sum(rate(otelcol_exporter_send_failed_spans[$__rate_interval]))'),
    series('not queued', 'sum(rate(otelcol_exporter_enqueue_failed_spans[$__rate_interval]))'),
  ],
})

const seriesCount = lines({
  title: 'Series made of spans',
  description:
    'How many series browsers’ spans have become. They cannot be more than event types, operations and tenants allow; a fuse in the collector keeps to that.',
  unit: Short,
  empty: 'The collector does not answer',
  width: 12,
  runbooks: ['CollectorSeriesHigh', 'CollectorSeriesOverflow'],
  queries: [series('calls', 'sum(job:widget_span_calls:count)')],
})

const failingRules = lines({
  title: 'Rules that could not be evaluated',
  description: 'Evaluations a second that failed, by group: what it would have noticed is not noticed.',
  unit: EventsPerSecond,
  empty: 'Prometheus does not answer',
  width: 12,
  runbooks: ['RuleEvaluationsFailing'],
  queries: [series('all', 'sum(rate(prometheus_rule_evaluation_failures_total[$__rate_interval]))')],
})

const reloads = states({
  title: 'Configuration in use',
  description: 'Green while the configuration that was last read was right, of Prometheus and of Alertmanager.',
  unit: 'bool_on_off',
  empty: 'Neither answers',
  width: 12,
  thresholds: upOrDown,
  runbooks: ['ConfigurationReloadFailed'],
  queries: [
    series('Prometheus', 'min(prometheus_config_last_reload_successful)'),
    series('Alertmanager', 'min(alertmanager_config_last_reload_successful)'),
  ],
})

const canaryAge = lines({
  title: 'Since the canary last got through',
  description:
    'The canary visits every minute by the address that visitors use: time since its event was answered, and since it was found as row, metric and trace.',
  unit: Seconds,
  empty: 'The canary does not run',
  width: 12,
  thresholds: canarySeconds,
  runbooks: ['CanaryFailing', 'CanaryTelemetryMissing'],
  queries: [series('{{check}}', 'time() - max by (check) (leadlight_canary_last_success_timestamp_seconds)')],
})

const canaryDelay = lines({
  title: 'How long the canary’s visit takes',
  description: 'From the visit to its being found as row, metric and trace, at the last success of each.',
  unit: Seconds,
  empty: 'The canary does not run',
  width: 12,
  queries: [series('{{check}}', 'max by (check) (leadlight_canary_delay_seconds)')],
})

const canaryFailures = lines({
  title: 'Canary’s checks that failed',
  description: 'Share of the canary’s checks that found nothing, by what was looked for.',
  unit: PercentUnit,
  empty: 'The canary does not run',
  width: 12,
  queries: [
    series(
      '{{check}}',
      'sum by (check) (check_outcome:leadlight_canary_checks:rate5m{outcome="failure"}) / sum by (check) (check_outcome:leadlight_canary_checks:rate5m)',
    ),
  ],
}).max(1)

const clockSkew = number({
  title: 'Clock of the service',
  description:
    'How far its clock is ahead of the canary’s. Events of browsers are dated by it when theirs differ by more than a minute.',
  unit: Seconds,
  empty: 'The canary does not run',
  width: 6,
  height: 8,
  thresholds: skewSeconds,
  runbooks: ['ClockSkewed'],
  queries: [latest('ahead', 'max(leadlight_canary_clock_skew_seconds)')],
})

const certificate = number({
  title: 'Certificate ends in',
  description: 'Time that the certificate which visitors are shown is still valid. Nothing without https.',
  unit: Seconds,
  empty: 'No https',
  width: 6,
  height: 8,
  thresholds: certificateSeconds,
  runbooks: ['CertificateExpiring'],
  queries: [latest('left', 'min(leadlight_canary_certificate_expiry_timestamp_seconds > 0) - time()')],
})

const alertmanagers = number({
  title: 'Alertmanagers known',
  description: 'How many Alertmanagers Prometheus sends alerts to. With none nobody is told of anything.',
  unit: Short,
  empty: 'Prometheus does not answer',
  width: 8,
  thresholds: upOrDown,
  runbooks: ['Watchdog'],
  queries: [latest('known', 'prometheus_notifications_alertmanagers_discovered')],
})

const notSent = lines({
  title: 'Alerts not taken by Alertmanager',
  description: 'Alerts that Prometheus could not hand over.',
  unit: EventsPerSecond,
  empty: 'Prometheus does not answer',
  width: 8,
  runbooks: ['NotificationsFailing'],
  queries: [
    series('{{alertmanager}}', 'sum by (alertmanager) (rate(prometheus_notifications_errors_total[$__rate_interval]))'),
  ],
})

const notTold = lines({
  title: 'Notifications that failed',
  description: 'Messages that Alertmanager could not deliver, by the way they should have gone.',
  unit: EventsPerSecond,
  empty: 'Alertmanager does not answer',
  width: 8,
  runbooks: ['NotificationsFailing'],
  queries: [
    series('{{integration}}', 'sum by (integration) (rate(alertmanager_notifications_failed_total[$__rate_interval]))'),
  ],
})

export const pipeline = buildDashboard({
  uid: 'leadlight-pipeline',
  title: 'Pipeline',
  question: 'Do spans, metrics and alerts get through, from the collector to whoever is told?',
  from: 'now-6h',
  refresh: '30s',
  rows: [
    { title: 'Parts', panels: [up] },
    { title: 'Spans', panels: [queue, exported, filtered, seriesCount] },
    { title: 'Canary', panels: [canaryAge, canaryDelay, canaryFailures, clockSkew, certificate] },
    { title: 'Alerts', panels: [alertmanagers, notSent, notTold, failingRules, reloads] },
  ],
})
