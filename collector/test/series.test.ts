// How many series browsers can make: exactly as many as the contract computes, and beyond the fuse one without labels.
import { eventTypes } from 'contract/events'
import { maxTenants } from 'contract/limits'
import { overflowLabel, spanStatusCodes } from 'contract/metrics'
import { seriesOfTenant } from 'contract/series'
import { operations, tenantHeader } from 'contract/spans'
import { dose } from 'stack/dose'
import t, { type Test } from 'tap'
import { makeSpan, request, startCollector, text } from './collector.ts'
import { readSamples, sum } from './samples.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

t.setTimeout(600_000)

const store = await openStore(t)
const start = (t: Test, set: string[] = []) =>
  startCollector(t, {
    storeUrl: store.url,
    queue: temporaryDirectory(t),
    set: [...readable, 'connectors.span_metrics.metrics_flush_interval=500ms', ...set],
  })
type Collector = Awaited<ReturnType<typeof start>>

async function read(collector: Collector) {
  const samples = readSamples(await collector.spanMetrics())
  const named = (metric: string) => samples.filter(({ name }) => name === metric)
  return { calls: named('widget_span_calls_total'), durations: named('widget_span_duration_seconds_count') }
}

/** The metrics as soon as so many spans are counted in each: a scrape may fall between the two. */
const counted = (collector: Collector, spans: number) =>
  until(
    `${spans} spans are counted`,
    async () => {
      const metrics = await read(collector)
      return Math.min(sum(metrics.calls), sum(metrics.durations)) >= spans ? metrics : undefined
    },
    120_000,
  )

/** Every name, operation and status that a browser can think of, and some more of each. */
const everything = () =>
  [...eventTypes, 'api_call', ...Array.from({ length: 20 }, (_, n) => `name ${n}`)].flatMap((name) =>
    [...operations, 'drop_table', '', undefined].flatMap((operation, n) =>
      [0, 1, 2, 9].map((code) =>
        makeSpan(name, {
          kind: n,
          status: { code },
          attributes: [
            ...(operation === undefined ? [] : [text('estimate_widget.operation', operation)]),
            text(`key ${n}`, 'value'),
          ],
        }),
      ),
    ),
  )

const tenants = dose({ short: 10, long: maxTenants })
t.test(`${tenants} tenants make ${tenants} times the series of one, and the durations do not know them`, async (t) => {
  const collector = await start(t)
  let sent = 0
  for (let n = 0; n < tenants; n++) {
    const spans = everything()
    sent += spans.length
    const resource = [text('service.name', `forged ${n}`), text('service.version', `${n}`)]
    t.equal(await collector.sendAsGateway(request(spans, resource), { [tenantHeader]: `tenant-${n}` }), 200)
  }
  const { calls, durations } = await counted(collector, sent)
  t.equal(sum(calls), sent)
  t.equal(sum(durations), sent)
  t.equal(calls.length, tenants * seriesOfTenant)
  t.equal(durations.length, seriesOfTenant)
  const values = (label: string) => [...new Set(calls.map(({ labels }) => labels[label] ?? ''))].sort()
  t.strictSame(values('status_code'), [...spanStatusCodes].sort())
  t.strictSame(values('estimate_widget_operation'), ['', ...operations].sort())
  const [, bytes] = /^otelcol_process_memory_rss\S* (\S+)$/m.exec(await collector.ownMetrics()) ?? []
  t.ok(Number(bytes) < 512 * 2 ** 20, `${Math.round(Number(bytes) / 2 ** 20)} MiB are less than a container has`)
})

t.test('beyond the fuse every span still counts, in one series that says so', async (t) => {
  const fuse = seriesOfTenant
  const collector = await start(t, [`connectors.span_metrics.aggregation_cardinality_limit=${fuse}`])
  const sent = everything().length
  for (const tenant of ['tenant-a', 'tenant-b'])
    await collector.sendAsGateway(request(everything()), { [tenantHeader]: tenant })
  const { calls, durations } = await counted(collector, 2 * sent)
  t.equal(calls.length, fuse + 1)
  const [overflow, ...more] = calls.filter(({ labels }) => labels[overflowLabel] === 'true')
  t.strictSame(more, [])
  t.equal(overflow?.value, sent, "the second tenant's")
  t.strictSame(Object.keys(overflow?.labels ?? {}).sort(), ['job', overflowLabel])
  t.equal(durations.length, fuse, 'the durations do not know the tenant')
})
