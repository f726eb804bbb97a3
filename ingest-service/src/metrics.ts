// The service's own metrics. Every pair of labels starts at 0, or the first increase would be lost to Prometheus.
import {
  connectionStates,
  eventOutcomes,
  requestOutcomes,
  routes,
  type serviceMetrics,
  tenantClasses,
} from 'contract/metrics'
import { dropReasons, ignoreReasons, type ProblemCode, problems, rejections } from 'contract/refusals'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

type Name = keyof typeof serviceMetrics
export type Route = (typeof routes)[number]

export type Metrics = ReturnType<typeof createMetrics>

const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What waits for a commit. */
export type Queue = { readonly waitingRows: number; readonly waitingBytes: number }

/** Counters and gauges of one process, in a registry of their own; the queue is asked at each scrape. */
export function createMetrics(version: string, queue: () => Queue) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const counter = <L extends string>(name: Name, help: string, labelNames: L[]) =>
    new Counter<L>({ name, help, labelNames, registers })

  const gauge = (name: Name, help: string) => new Gauge({ name, help, registers })
  const gauges = <L extends string>(name: Name, help: string, labelNames: L[]) =>
    new Gauge<L>({ name, help, labelNames, registers })

  const metrics = {
    registry,
    requests: counter('leadlight_http_requests_total', 'Requests answered; outcome error is 5xx, refused is 4xx', [
      'route',
      'outcome',
    ]),
    requestSeconds: new Histogram({
      name: 'leadlight_http_request_duration_seconds' satisfies Name,
      help: "Time from the last byte of a request to its answer, so that a slow phone's is not ours",
      labelNames: ['route', 'outcome'],
      buckets: latencyBuckets,
      registers,
    }),
    problems: counter('leadlight_http_problems_total', 'Requests refused or failed, by the code of their answer', [
      'code',
    ]),
    events: counter('leadlight_events_total', 'Events by what became of them', ['outcome']),
    rejected: counter('leadlight_events_rejected_total', 'Events refused, by reason and class of tenant', [
      'reason',
      'tenant_class',
    ]),
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
    groupRows: new Histogram({
      name: 'leadlight_writer_group_rows' satisfies Name,
      help: 'Events in one group commit',
      buckets: [1, 5, 20, 50, 100, 200, 400, 600],
      registers,
    }),
    databaseUp: gauge('leadlight_database_up', '1 while the database answers'),
    connections: gauges('leadlight_database_connections', 'Connections of everyone to this database, by state', [
      'state',
    ]),
    connectionsMax: gauge('leadlight_database_connections_max', 'Most connections the server takes from all databases'),
    longestTransaction: gauge(
      'leadlight_database_longest_transaction_seconds',
      'Age of the oldest open transaction of this database: it holds up vacuum and the dropping of old days',
    ),
    databaseSize: gauge('leadlight_database_size_bytes', 'Size of this database on its disk'),
    volumeFree: gauges('leadlight_volume_free_bytes', 'Space left for us on the volumes this process can see', [
      'volume',
    ]),
    volumeSize: gauges('leadlight_volume_size_bytes', 'Size of the volumes this process can see', ['volume']),
    futurePartitions: gauge('leadlight_future_partitions', 'Days after today whose partitions are there'),
    oldestEventDays: gauge('leadlight_oldest_event_age_days', 'Age of the oldest day that is held'),
    rollupLag: gauge('leadlight_rollup_lag_seconds', 'Age of the oldest change that the roll-up has not counted yet'),
    tenantSilent: gauges(
      'leadlight_tenant_silent',
      '1 when nobody loaded the widget for an hour though its own baseline expects visitors; only tenants expected now, or silent since',
      ['tenant_id'],
    ),
    tenantsExpected: gauge('leadlight_tenants_expected', 'Tenants whose visitors are expected now, or silent since'),
    tenantsSilent: gauge('leadlight_tenants_silent', 'Those of them that are silent'),
    silenceLooked: gauge(
      'leadlight_tenant_silence_last_success_timestamp_seconds',
      'When silence was last looked for, by any replica',
    ),
    expectedVisitors: gauge(
      'leadlight_expected_hourly_visitors',
      'Estimate: visitors of this hour, as the same hour of the four weeks before had them',
    ),
    expectedLeads: gauge('leadlight_expected_hourly_leads', 'Estimate: leads of this hour, likewise'),
    expectedTenants: gauge('leadlight_expected_tenants', 'Estimate: tenants with visitors in this hour, likewise'),
    retentionSuccess: gauge(
      'leadlight_retention_last_success_timestamp_seconds',
      'When retention last did its work, by any replica',
    ),
  }
  for (const route of routes) {
    for (const outcome of requestOutcomes) {
      metrics.requests.inc({ route, outcome }, 0)
      metrics.requestSeconds.zero({ route, outcome })
    }
  }
  for (const code of Object.keys(problems) as ProblemCode[]) metrics.problems.inc({ code }, 0)
  for (const outcome of eventOutcomes) metrics.events.inc({ outcome }, 0)
  for (const tenant_class of tenantClasses)
    for (const reason of rejections) metrics.rejected.inc({ reason, tenant_class }, 0)
  for (const state of connectionStates) metrics.connections.set({ state }, 0)
  for (const reason of ignoreReasons) metrics.ignored.inc({ reason }, 0)
  for (const reason of dropReasons) metrics.clientDropped.inc({ reason }, 0)
  for (const outcome of requestOutcomes) metrics.spansRequests.inc({ outcome }, 0)
  const queueGauge = (name: Name, help: string, read: (queue: Queue) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(queue()))
      },
    })
  queueGauge('leadlight_writer_queue_rows', 'Events that wait for a commit', ({ waitingRows }) => waitingRows)
  queueGauge('leadlight_writer_queue_bytes', 'Size of the events that wait for a commit', (each) => each.waitingBytes)
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
