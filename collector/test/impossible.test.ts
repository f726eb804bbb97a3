// A span that cannot be true, or that the trace store would refuse, is dropped and costs no neighbour.
import t from 'tap'
import { makeSpan, request, type Span, startCollector, text } from './collector.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

const store = await openStore(t)
const collector = await startCollector(t, { storeUrl: store.url, queue: temporaryDirectory(t), set: readable })

const minuteMs = 60_000
const at = (startMs: number, endMs: number): Partial<Span> => ({
  startTimeUnixNano: `${Math.round(startMs)}000000`,
  endTimeUnixNano: `${Math.round(endMs)}000000`,
})
const now = Date.now()

const impossible: Record<string, Partial<Span>> = {
  'no trace id': { traceId: '' },
  'a trace id of zeros': { traceId: '0'.repeat(32) },
  'a span id of zeros': { spanId: '0'.repeat(16) },
  'a link': {
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: [text('tenant.id', 'tenant-b')] }],
  },
  'an end before its start': at(now, now - 1),
  'a length over ten minutes': at(now - 11 * minuteMs, now),
  'a start over a day ago': at(now - 24 * 60 * minuteMs - minuteMs, now - 24 * 60 * minuteMs - minuteMs),
  'a start over five minutes ahead': at(now + 6 * minuteMs, now + 6 * minuteMs),
  'no times': { startTimeUnixNano: '0', endTimeUnixNano: '0' },
  'the largest start': { startTimeUnixNano: `${2n ** 64n - 1n}`, endTimeUnixNano: `${2n ** 64n - 1n}` },
  'the largest end': { endTimeUnixNano: `${2n ** 64n - 1n}` },
}

for (const [what, fields] of Object.entries(impossible))
  t.test(`a span with ${what} is dropped, its neighbours are kept`, async (t) => {
    const before = makeSpan('widget_opened')
    const bad = makeSpan('lead_captured', { ...fields, attributes: [text('error.type', 'impossible')] })
    const after = makeSpan('widget_opened')
    t.equal(await collector.sendAsGateway(request([before, bad, after])), 200)
    await store.find(before.spanId)
    await store.find(after.spanId)
    t.notOk(store.stored.some(({ span }) => span.name === 'lead_captured'))
  })

t.test('the edges of the possible are kept', async (t) => {
  const spans = [
    at(now - 10 * minuteMs, now),
    at(now - 23 * 60 * minuteMs, now - 23 * 60 * minuteMs),
    at(now + 4 * minuteMs, now + 4 * minuteMs),
    at(now, now),
  ].map((times) => makeSpan('widget_loaded', times))
  t.equal(await collector.sendAsGateway(request(spans)), 200)
  for (const { spanId } of spans) await store.find(spanId)
})

t.test('what was dropped is counted', async (t) => {
  const dropped = await until('the count is exported', async () =>
    /^otelcol_processor_filter_spans_filtered\{.*filter="filter\/impossible".*\} (\d+)$/m.exec(
      await collector.ownMetrics(),
    ),
  )
  t.equal(Number(dropped[1]), Object.keys(impossible).length)
})

t.test('a body beyond 1 MiB or that is no OTLP is refused', async (t) => {
  const huge = makeSpan('widget_loaded', { attributes: [text('k', 'v'.repeat(1_100_000))] })
  t.equal(await collector.sendAsGateway(request([huge])), 400)
  t.equal(await collector.sendAsGateway({ resourceSpans: 'no' }), 400)
  t.equal(await collector.sendAsGateway(request([makeSpan('widget_loaded')])), 200)
})
