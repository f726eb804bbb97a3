// The metrics made of spans: exactly the contract's labels, each span counted once, and no more series than a browser may cause.

import { eventTypes } from 'contract/events'
import { spanMetrics } from 'contract/metrics'
import { operations } from 'contract/spans'
import t from 'tap'
import { makeSpan, request, startCollector, text } from './collector.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

const store = await openStore(t)
const collector = await startCollector(t, {
  storeUrl: store.url,
  queue: temporaryDirectory(t),
  set: [...readable, 'connectors.span_metrics.metrics_flush_interval=500ms'],
})

type Sample = { name: string; labels: Record<string, string>; value: number }

async function samples(): Promise<Sample[]> {
  return [...(await collector.spanMetrics()).matchAll(/^([a-z_]+)\{(.*)\} (\S+)$/gm)].map(
    ([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text])),
      value: Number(value),
    }),
  )
}

const calls = async (labels: Record<string, string>) =>
  (await samples())
    .filter(({ name }) => name === 'widget_span_calls_total')
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)

t.test('calls and durations carry the labels of the contract and no others', async (t) => {
  await collector.sendAsGateway(
    request([
      makeSpan('api_call', {
        status: { code: 2 },
        attributes: [text('estimate_widget.operation', 'send_message'), text('error.type', '503')],
      }),
      makeSpan('widget_loaded', { attributes: [text('session.id', '019abc0f-0000-7000-8000-000000000000')] }),
    ]),
  )
  await until('both are counted', async () => (await calls({})) === 2)
  const all = await samples()
  const names = {
    widget_span_calls_total: 'widget_span_calls_total',
    widget_span_duration_seconds: 'widget_span_duration_seconds_bucket',
  }
  for (const [metric, labels] of Object.entries(spanMetrics)) {
    const series = all.filter(({ name }) => name === names[metric as keyof typeof names])
    t.ok(series.length)
    // `job` comes from the exporter and is dropped by the scrape, `le` is the bucket's
    const found = new Set(
      series.flatMap((sample) => Object.keys(sample.labels)).filter((key) => !['job', 'le'].includes(key)),
    )
    t.strictSame([...found].sort(), [...labels].sort(), metric)
  }
  t.strictSame(
    all
      .filter(({ name }) => name.startsWith('widget_'))
      .map(({ name }) => name.replace(/_(bucket|sum|count)$/, ''))
      .filter((name) => !(name in spanMetrics)),
    [],
  )
  t.strictSame(
    all.find(({ name, labels }) => name === 'widget_span_calls_total' && labels.span_name === 'api_call'),
    {
      name: 'widget_span_calls_total',
      labels: {
        job: 'estimate-widget',
        span_name: 'api_call',
        status_code: 'STATUS_CODE_ERROR',
        tenant_id: 'tenant-a',
        estimate_widget_operation: 'send_message',
      },
      value: 1,
    },
  )
})

t.test('a forged sampling weight counts as one span, a forged tenant as nobody', async (t) => {
  await collector.sendAsGateway(
    request([
      makeSpan('quote_requested', { traceState: 'ot=th:ffffffffffffff', attributes: [text('tenant.id', 'tenant-b')] }),
    ]),
  )
  await until('it is counted', async () => (await calls({ span_name: 'quote_requested' })) > 0)
  t.equal(await calls({ span_name: 'quote_requested' }), 1)
  t.equal(await calls({ span_name: 'quote_requested', tenant_id: 'tenant-a' }), 1)
  t.equal(await calls({ tenant_id: 'tenant-b' }), 0)
})

t.test("our own servers' spans are stored and not counted", async (t) => {
  const before = await calls({})
  const own = makeSpan('lead_captured')
  await collector.sendAsServer(request([own]))
  await store.find(own.spanId)
  // a later browser span is counted, so the earlier one would be
  await collector.sendAsGateway(request([makeSpan('message_sent')]))
  await until('the later one is counted', async () => (await calls({ span_name: 'message_sent' })) === 1)
  t.equal(await calls({}), before + 1)
})

t.test('whatever one tenant sends, its series stay bounded and the durations do not know it', async (t) => {
  const names = [...eventTypes, 'api_call', ...Array.from({ length: 300 }, (_, n) => `name ${n}`)]
  const claimed = [...operations, ...Array.from({ length: 20 }, (_, n) => `operation ${n}`)]
  const spans = names.flatMap((name) =>
    claimed.flatMap((operation, n) =>
      [0, 1, 2, 9].map((code) =>
        makeSpan(name, {
          status: { code },
          attributes: [
            text('estimate_widget.operation', operation),
            text(`key ${n}`, 'value'),
            text('http.route', `/${n}`),
          ],
        }),
      ),
    ),
  )
  for (let start = 0; start < spans.length; start += 2_000)
    await collector.sendAsGateway(request(spans.slice(start, start + 2_000), [text('service.name', `forged ${start}`)]))
  await until('all are counted', async () => (await calls({})) >= spans.length)
  const all = await samples()
  // per status: seven names without operation, api_call with six, widget_error with six or none
  const most = 3 * (7 + operations.length + operations.length + 1)
  t.equal(
    all.filter(({ name, labels }) => name === 'widget_span_calls_total' && labels.tenant_id === 'tenant-a').length,
    most,
  )
  t.ok(all.filter(({ name }) => name === 'widget_span_duration_seconds_count').length <= most)
})
