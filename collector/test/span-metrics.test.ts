// The metrics made of spans: exactly the contract's labels, and each span counted once.

import { spanMetrics } from 'contract/metrics'
import t from 'tap'
import { makeSpan, request, startCollector, text } from './collector.ts'
import { readSamples, sum } from './samples.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

const store = await openStore(t)
const collector = await startCollector(t, {
  storeUrl: store.url,
  queue: temporaryDirectory(t),
  set: [...readable, 'connectors.span_metrics.metrics_flush_interval=500ms'],
})

const samples = async () => readSamples(await collector.spanMetrics())

const calls = async (labels: Record<string, string>) =>
  sum(
    (await samples())
      .filter(({ name }) => name === 'widget_span_calls_total')
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value)),
  )

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
  // in one scrape: one may fall between the two metrics
  const all = await until('both are counted', async () => {
    const all = await samples()
    const counted = ['widget_span_calls_total', 'widget_span_duration_seconds_count'].map((metric) =>
      sum(all.filter(({ name }) => name === metric)),
    )
    return counted.every((spans) => spans === 2) ? all : undefined
  })
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
