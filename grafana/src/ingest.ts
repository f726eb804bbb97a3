// Ingest: does the service take what browsers send, how fast, and what became of it?
import {
  BytesIEC,
  EventsPerSecond,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { buildDashboard } from './dashboard.ts'
import { lines, stack, states } from './panels.ts'
import { series } from './queries.ts'
import { answerSeconds, availability, lossShare as lossShareLimit, upOrDown } from './thresholds.ts'
import { upkeep } from './upkeep.ts'

const rate = (metric: string, by: string, labels = '') => `sum by (${by}) (rate(${metric}${labels}[$__rate_interval]))`
const quantiles = (of: string) => [0.5, 0.95, 0.99].map((q) => series(`p${q * 100}`, `histogram_quantile(${q}, ${of})`))

const requests = stack({
  title: 'Event requests by outcome',
  description:
    'What ingest-service answered to batches of events: ok, refused (4xx: a wrong key, origin, form or a limit) or error (5xx: ours).',
  unit: RequestsPerSecond,
  empty: 'No requests',
  width: 12,
  runbooks: ['IngestDown', 'IngestReplicaDown'],
  queries: [series('{{outcome}}', rate('leadlight_http_requests_total', 'outcome', '{route="events"}'))],
})

const errorRatio = lines({
  title: 'Share of requests that failed, by route',
  description:
    'Requests answered with an error of ours (5xx). The objective allows the events API one in a thousand over 30 days; the line shows that share.',
  unit: PercentUnit,
  empty: 'No requests',
  width: 12,
  thresholds: availability,
  runbooks: ['EventsAvailabilityBurningFast', 'EventsAvailabilityBurning', 'EventsAvailabilityBurningSlowly'],
  queries: [
    series(
      '{{route}}',
      'route:leadlight_http_requests_failed:increase5m / (route:leadlight_http_requests:increase5m > 0)',
    ),
  ],
}).max(1)

const answerTime = lines({
  title: 'Answer time of the events API',
  description:
    'From a request to its answer, which comes after the commit: half, 95 % and 99 % were answered within this time.',
  unit: Seconds,
  empty: 'No requests',
  width: 12,
  thresholds: answerSeconds,
  runbooks: ['EventsLatencyBurningFast', 'EventsLatencyBurning'],
  queries: quantiles('le:leadlight_http_requests:rate5m'),
})

const routes = stack({
  title: 'Requests by route',
  description: 'Requests a second by what was asked of the public port.',
  unit: RequestsPerSecond,
  empty: 'No requests',
  width: 12,
  queries: [series('{{route}}', 'route:leadlight_http_requests:increase5m / 300')],
})

const waiting = lines({
  title: 'Events that wait for a commit',
  description:
    'Rows that a process holds because both its writing connections are busy, at each scrape. A steady climb means that the database does not keep up.',
  unit: Short,
  empty: 'No ingest-service answers',
  width: 12,
  runbooks: ['DatabaseDown'],
  queries: [series('{{instance}}', 'leadlight_writer_queue_rows')],
})

const waitingBytes = lines({
  title: 'Size of the events that wait',
  description:
    'Bytes that a process holds for its next commits, at each scrape. Beyond its bound batches are refused with 503.',
  unit: BytesIEC,
  empty: 'No ingest-service answers',
  width: 12,
  queries: [series('{{instance}}', 'leadlight_writer_queue_bytes')],
})

const groupRows = lines({
  title: 'Events in one commit',
  description:
    'How many events were committed together: half, 95 % and 99 % of the groups had at most this many. Groups grow with the load.',
  unit: Short,
  empty: 'Nothing committed',
  width: 12,
  queries: quantiles('le:leadlight_writer_groups:rate5m'),
})

const commitTime = lines({
  title: 'Commit time',
  description:
    'How long a group of events took to be durable: half, 95 % and 99 % of the groups were committed within this time.',
  unit: Seconds,
  empty: 'Nothing committed',
  width: 12,
  queries: quantiles('le:leadlight_writer_commits:rate5m'),
})

const events = stack({
  title: 'Events by what became of them',
  description:
    'accepted: stored. duplicate: stored before. ignored: not to be stored (do not track, crawlers, erased visits). rejected: invalid.',
  unit: EventsPerSecond,
  empty: 'No events',
  width: 12,
  queries: [series('{{outcome}}', 'outcome:leadlight_events:rate5m')],
})

const rejected = lines({
  title: 'Events rejected and ignored, by reason',
  description:
    'Why events were not stored. A reason that suddenly rises points to a broken page, a new version or somebody’s attempts.',
  unit: EventsPerSecond,
  empty: 'No events',
  width: 12,
  runbooks: ['EventsRejected'],
  queries: [
    series('rejected: {{reason}}', 'reason:leadlight_events_rejected:rate5m'),
    series('ignored: {{reason}}', 'reason:leadlight_events_ignored:rate5m'),
  ],
})

const losses = stack({
  title: 'Events that browsers gave up, by reason',
  description:
    'What browsers report to have dropped before it could be sent, each report counted once. What a browser that never comes back lost nobody can count.',
  unit: EventsPerSecond,
  empty: 'No reports',
  width: 12,
  queries: [series('{{reason}}', 'reason:leadlight_client_dropped:rate5m')],
})

const lossShare = lines({
  title: 'Share of events lost',
  description: 'Events that browsers report as given up, of those and the stored ones together.',
  unit: PercentUnit,
  empty: 'No events',
  width: 12,
  thresholds: lossShareLimit,
  runbooks: ['ClientLossReported'],
  queries: [
    series(
      'lost',
      'sum(job:leadlight_client_dropped:rate5m) / (sum(job:leadlight_client_dropped:rate5m) + sum(job:leadlight_events_stored:rate5m) > 0)',
    ),
  ],
})

const spans = stack({
  title: 'Span requests by the collector’s answer',
  description:
    'Batches of spans that were handed on: ok, refused (the collector took a part or nothing; never sent again) or error (it could not be reached; browsers try again).',
  unit: RequestsPerSecond,
  empty: 'No spans',
  width: 12,
  runbooks: ['CollectorDown'],
  queries: [series('{{outcome}}', rate('leadlight_spans_requests_total', 'outcome'))],
})

const database = states({
  title: 'Database, as each process sees it',
  description: 'Green while PostgreSQL answers.',
  unit: 'bool_on_off',
  empty: 'No ingest-service answers',
  width: 12,
  thresholds: upOrDown,
  runbooks: ['DatabaseDown'],
  queries: [series('{{instance}}', 'leadlight_database_up')],
})

export const ingest = buildDashboard({
  uid: 'leadlight-ingest',
  title: 'Ingest',
  question: 'Does the service take what browsers send, how fast, and what became of it?',
  from: 'now-6h',
  refresh: '30s',
  rows: [
    { title: 'Requests', panels: [requests, errorRatio, answerTime, routes] },
    { title: 'Writing', panels: [waiting, waitingBytes, groupRows, commitTime] },
    { title: 'What became of it', panels: [events, rejected, losses, lossShare, spans, database] },
    { title: 'Upkeep', panels: upkeep },
  ],
})
