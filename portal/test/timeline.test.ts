import type { JourneyEvent, JourneySpan } from 'contract/analytics'
import t from 'tap'
import { arrange } from '../src/timeline.ts'

const start = Date.parse('2026-11-23T10:00:00.000Z')
const traceId = 'a'.repeat(32)

const event = (type: JourneyEvent['type'], afterMs: number, span_id: string): JourneyEvent => ({
  id: `${type}-${afterMs}`,
  type,
  occurred_at: new Date(start + afterMs).toISOString(),
  page: null,
  trace_id: traceId,
  span_id,
  properties: {},
})
const span = (
  span_id: string,
  parent_span_id: string | null,
  afterMs: number,
  duration_ms: number,
  more: Partial<JourneySpan> = {},
): JourneySpan => ({
  name: 'api_call',
  service: 'estimate-widget',
  trace_id: traceId,
  span_id,
  parent_span_id,
  start: new Date(start + afterMs).toISOString(),
  duration_ms,
  status: 'unset',
  attributes: {},
  ...more,
})

t.test(
  'events and requests stand in the order in which they happened, servers below the request that asked them',
  (t) => {
    const events = [event('widget_loaded', 500, 'load'), event('estimate_generated', 4_000, 'estimate')]
    const spans = [
      span('load', null, 0, 500, { name: 'widget_loaded' }),
      span('estimate', 'load', 2_000, 2_000, { name: 'estimate_generated' }),
      span('call', 'load', 2_100, 1_800, { status: 'error' }),
      span('server', 'call', 2_200, 1_500, { service: 'demo-api', name: 'POST /estimate' }),
      span('orphan', 'gone', 9_000, 10),
    ]
    t.strictSame(
      arrange(events, spans).map((item) =>
        'rows' in item
          ? item.rows.map(({ span, depth }) => [span.span_id, depth])
          : [item.event.type, item.durationMs, item.failed],
      ),
      [
        ['widget_loaded', 500, false],
        [
          ['call', 0],
          ['server', 1],
        ],
        ['estimate_generated', 2_000, false],
        [['orphan', 0]],
      ],
    )
    t.end()
  },
)

t.test("a visitor's wrong clock moves the browser's spans, not the servers'", (t) => {
  const wrong = -3_600_000
  const events = [event('widget_loaded', 500, 'load')]
  const spans = [
    span('load', null, wrong, 500),
    span('call', 'load', wrong + 2_000, 300),
    span('server', 'call', 2_100, 100, { service: 'demo-api' }),
  ]
  const items = arrange(events, spans)
  const rows = items.flatMap((item) => ('rows' in item ? item.rows : []))
  t.strictSame(
    rows.map(({ startMs }) => startMs - start),
    [2_000, 2_100],
  )
  t.end()
})

t.test('spans that are each the other’s parent are shown once or not at all', (t) => {
  const ring = [span('a', 'b', 0, 1), span('b', 'a', 0, 1), span('self', 'self', 0, 1)]
  const rows = arrange([], ring).flatMap((item) => ('rows' in item ? item.rows : []))
  t.equal(new Set(rows.map(({ span }) => span)).size, rows.length)
  t.end()
})
