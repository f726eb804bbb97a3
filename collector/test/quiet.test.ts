// The first spans of a series that was quiet for longer than it is kept count in full, in rates and in latency.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { makeSpan, request, startCollector, text } from './collector.ts'
import { startServer, temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

t.setTimeout(180_000)

// a day of quiet in seconds; else all is as shipped
const collector = await startCollector(t, {
  storeUrl: (await openStore(t)).url,
  queue: temporaryDirectory(t),
  set: [
    ...readable,
    'connectors.span_metrics.metrics_flush_interval=1s',
    'connectors.span_metrics.series_expiration=5s',
    'exporters.prometheus.metric_expiration=3s',
  ],
})
const prometheus = await startPrometheus()

/** Prometheus with the scrape of span metrics as it is configured, and once more without the times at which series began. */
async function startPrometheus() {
  const directory = temporaryDirectory(t)
  const shipped = readFileSync(fileURLToPath(new URL('../../prometheus/prometheus.yml', import.meta.url)), 'utf8')
  const [scrape = ''] = /^ {2}- job_name: widget-spans\n(?: {4}.*\n|\n)*/m.exec(shipped) ?? []
  const without = scrape.replace('widget-spans', 'without').replace(/PrometheusProto/, 'PrometheusText0.0.4')
  mkdirSync(`${directory}/targets`)
  writeFileSync(
    `${directory}/targets/widget-spans.json`,
    JSON.stringify([{ targets: [collector.targets['widget-spans']] }]),
  )
  const file = `${directory}/prometheus.yml`
  writeFileSync(file, `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n${scrape}${without}`)
  const address = `127.0.0.1:${await freePort()}`
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${directory}/data`,
    `--web.listen-address=${address}`,
    '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
  ]
  await startServer(t, { file: await toolPath('prometheus'), args }, `http://${address}/-/ready`)
  return `http://${address}`
}

/** The value of an instant query; nothing where there is no series. */
async function query(expression: string): Promise<number | undefined> {
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`)
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
  return data.result[0] && Number(data.result[0].value[1])
}

async function sendThree() {
  const startMs = Date.now() - 1_000
  const times = { startTimeUnixNano: `${startMs}000000`, endTimeUnixNano: `${startMs + 300}000000` }
  const attributes = [text('estimate_widget.operation', 'send_message')]
  const spans = Array.from({ length: 3 }, () => makeSpan('api_call', { ...times, attributes }))
  t.equal(await collector.sendAsGateway(request(spans)), 200)
}

const calls = 'widget_span_calls_total{job="widget-spans"}'
const durations = 'widget_span_duration_seconds_count{job="widget-spans"}'
const ofAll = (metric: string) => query(`sum(increase(${metric}[5m]))`)

/** Prometheus extends what it saw to the window's edges, by less than one interval between scrapes. */
const counts = (value: number | undefined, spans: number) =>
  value !== undefined && value >= spans && value < spans * 1.2

for (const [n, when] of ['when it is new', 'after it was forgotten'].entries())
  t.test(`three spans of a series count as three ${when}`, async (t) => {
    await sendThree()
    const spans = 3 * (n + 1)
    await until('they count', async () => counts(await ofAll(calls), spans) && counts(await ofAll(durations), spans))
    const buckets = 'widget_span_duration_seconds_bucket{job="widget-spans"}'
    const median = await query(`histogram_quantile(0.5, sum by (le) (increase(${buckets}[5m])))`)
    t.ok(median && median > 0.25 && median < 0.5, `the median is ${median} s`)
    await until('it is forgotten', async () => (await query(calls)) === undefined)
    t.ok(counts(await ofAll(calls), spans) && counts(await ofAll(durations), spans), 'and no more than that')
  })

t.test('without the times at which series began fewer would count', async (t) => {
  const counted = await ofAll('widget_span_duration_seconds_count{job="without"}')
  t.ok(counted !== undefined && counted < 6, `${counted} of 6`)
})
