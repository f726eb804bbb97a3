// Pipeline: do spans, metrics and alerts get through, from the collector to whoever is told?
import { EventsPerSecond, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { buildDashboard } from './dashboard.ts'
import { lines, number, stack, states } from './panels.ts'
import { latest, series } from './queries.ts'
import { queueFilled, upOrDown } from './thresholds.ts'

const up = states({
  title: 'What answers its scrape',
  description: 'Green while Prometheus reaches the part.',
  unit: 'bool_on_off',
  empty: 'Prometheus scrapes nothing',
  width: 24,
  thresholds: upOrDown,
  runbooks: ['IngestDown', 'IngestReplicaDown', 'CollectorDown'],
  queries: [series('{{job}} {{instance}}', 'up')],
})

const queue = lines({
  title: 'Collector’s queue',
  description:
    'How full the queue on disk is in which spans wait for the trace store. When it is full, spans are refused; events and metrics are not concerned.',
  unit: PercentUnit,
  empty: 'The collector does not answer',
  width: 12,
  thresholds: queueFilled,
  runbooks: ['CollectorDown'],
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
  runbooks: ['Watchdog'],
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
  runbooks: ['Watchdog'],
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
    { title: 'Spans', panels: [queue, filtered] },
    { title: 'Alerts', panels: [alertmanagers, notSent, notTold] },
  ],
})
