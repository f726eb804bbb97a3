// The service's own metrics. Every pair of labels starts at 0, or the first increase would be lost to Prometheus.
import { eventOutcomes, requestOutcomes, routes, type serviceMetrics } from 'contract/metrics'
import { dropReasons, ignoreReasons, rejections } from 'contract/refusals'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

type Name = keyof typeof serviceMetrics
export type Route = (typeof routes)[number]

export type Metrics = ReturnType<typeof createMetrics>

const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counters and gauges of one process, in a registry of their own; `waitingRows` is asked at each scrape. */
export function createMetrics(version: string, waitingRows: () => number) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const counter = <L extends string>(name: Name, help: string, labelNames: L[]) =>
    new Counter<L>({ name, help, labelNames, registers })

  const gauge = (name: Name, help: string) => new Gauge({ name, help, registers })

  const metrics = {
    registry,
    requests: counter('leadlight_http_requests_total', 'Requests answered; outcome error is 5xx, refused is 4xx', [
      'route',
      'outcome',
    ]),
    requestSeconds: new Histogram({
      name: 'leadlight_http_request_duration_seconds' satisfies Name,
      help: 'Time from the request to its answer',
      labelNames: ['route'],
      buckets: latencyBuckets,
      registers,
    }),
    events: counter('leadlight_events_total', 'Events by what became of them', ['outcome']),
    rejected: counter('leadlight_events_rejected_total', 'Events refused, by reason', ['reason']),
    ignored: counter('leadlight_events_ignored_total', 'Events taken and not stored, by reason', ['reason']),
    clientDropped: counter('leadlight_client_dropped_total', 'Events that browsers report as given up, by reason', [
      'reason',
    ]),
    spansRequests: counter('leadlight_spans_requests_total', 'Span requests handed to the collector, by its answer', [
      'outcome',
    ]),
    commitSeconds: new Histogram({
      name: 'leadlight_writer_commit_duration_seconds' satisfies Name,
      help: 'Time of one group commit',
      buckets: latencyBuckets,
      registers,
    }),
    databaseUp: gauge('leadlight_database_up', '1 while the database answers'),
    futurePartitions: gauge('leadlight_future_partitions', 'Days after today whose partitions are there'),
    oldestEventDays: gauge('leadlight_oldest_event_age_days', 'Age of the oldest day that is held'),
    rollupLag: gauge('leadlight_rollup_lag_seconds', 'Age of the oldest change that the roll-up has not counted yet'),
    retentionSuccess: gauge(
      'leadlight_retention_last_success_timestamp_seconds',
      'When retention last did its work, by any replica',
    ),
  }
  for (const route of routes) {
    for (const outcome of requestOutcomes) metrics.requests.inc({ route, outcome }, 0)
    metrics.requestSeconds.zero({ route })
  }
  for (const outcome of eventOutcomes) metrics.events.inc({ outcome }, 0)
  for (const reason of rejections) metrics.rejected.inc({ reason }, 0)
  for (const reason of ignoreReasons) metrics.ignored.inc({ reason }, 0)
  for (const reason of dropReasons) metrics.clientDropped.inc({ reason }, 0)
  for (const outcome of requestOutcomes) metrics.spansRequests.inc({ outcome }, 0)
  new Gauge({
    name: 'leadlight_writer_queue_rows' satisfies Name,
    help: 'Events that wait for a commit',
    registers,
    collect() {
      this.set(waitingRows())
    },
  })
  new Gauge({
    name: 'leadlight_build_info' satisfies Name,
    help: 'Always 1; the version is the label',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  return metrics
}

/** The `outcome` of an answer's status. */
export function requestOutcome(status: number): (typeof requestOutcomes)[number] {
  if (status >= 500) return 'error'
  return status >= 400 ? 'refused' : 'ok'
}
