// What Prometheus really holds when it runs with our configuration: every target, every metric of others that we rely on, and
// spans counted from the first one on.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { foreignMetrics, jobs, lateMetrics, spanMetrics } from 'contract/metrics'
import { tenantHeader } from 'contract/spans'
import { respondsOk } from 'stack/addresses'
import { type Command, startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import t from 'tap'

t.setTimeout(180_000)

const root = fileURLToPath(new URL('../..', import.meta.url))
const directory = mkdtempSync(`${tmpdir()}/leadlight-prometheus-`)
t.teardown(() => rmSync(directory, { recursive: true }))
for (const part of ['prometheus/targets', 'alertmanager/receivers'])
  mkdirSync(`${directory}/${part}`, { recursive: true })
const address = async () => `127.0.0.1:${await freePort()}`

async function start(command: Command, healthUrl: string) {
  const child = startChild(command)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  t.teardown(() => {
    child.kill()
    return child.exited
  })
  const healthy = () => respondsOk(healthUrl)
  if (!(await waitFor(healthy, { timeoutMs: 30_000 })))
    throw new Error(`${command.file} did not become healthy\n${log}`)
}

// a trace store that takes all it is given
const store = createServer((request, response) => request.resume().on('end', () => response.end())).listen(
  0,
  '127.0.0.1',
)
t.teardown(() => store.close())
await once(store, 'listening')
// nobody is there: the service's scrape fails
const ingest = await address()
const [prometheus, alertmanager, otlp, health, own, spans] = await Promise.all(Array.from({ length: 6 }, address))
const port = (of = '') => of.split(':')[1]
// neither service nor canary is there
const targets = {
  'ingest-service': ingest,
  canary: ingest,
  collector: own,
  'widget-spans': spans,
  prometheus,
  alertmanager,
}

await start(
  {
    file: await toolPath('collector'),
    args: ['--config', `${root}/collector/config.yaml`],
    env: {
      COLLECTOR_OTLP_PORT: port(otlp),
      COLLECTOR_INTERNAL_PORT: `${await freePort()}`,
      COLLECTOR_METRICS_PORT: port(own),
      COLLECTOR_SPAN_METRICS_PORT: port(spans),
      COLLECTOR_HEALTH_PORT: port(health),
      COLLECTOR_QUEUE: `${directory}/queue`,
      TRACE_STORE_OTLP: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
    },
  },
  `http://${health}`,
)
for (const box of ['on-call', 'tickets', 'watchdog'])
  writeFileSync(`${directory}/alertmanager/receivers/${box}.url`, `http://${ingest}/${box}`)
await start(
  {
    file: await toolPath('alertmanager'),
    args: [
      `--config.file=${root}/alertmanager/alertmanager.yml`,
      '--storage.path=data',
      `--web.listen-address=${alertmanager}`,
      '--cluster.listen-address=',
    ],
    cwd: `${directory}/alertmanager`,
  },
  `http://${alertmanager}/-/ready`,
)
// the configuration as it is, beside targets of its own
for (const part of ['prometheus.yml', 'rules'])
  symlinkSync(`${root}/prometheus/${part}`, `${directory}/prometheus/${part}`)
for (const [job, target] of Object.entries(targets))
  writeFileSync(`${directory}/prometheus/targets/${job}.json`, JSON.stringify([{ targets: [target] }]))
await start(
  {
    file: await toolPath('prometheus'),
    args: [
      `--config.file=${directory}/prometheus/prometheus.yml`,
      `--storage.tsdb.path=${directory}/tsdb`,
      `--web.listen-address=${prometheus}`,
      '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
    ],
  },
  `http://${prometheus}/-/ready`,
)

type Series = { metric: Record<string, string>; value: [number, string] }

async function query(expression: string): Promise<Series[]> {
  const response = await fetch(`http://${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`)
  return ((await response.json()) as { data: { result: Series[] } }).data.result
}

/** The answer as soon as it is not empty. */
async function ask(expression: string): Promise<Series[]> {
  let answer: Series[] = []
  const some = async () => {
    answer = await query(expression)
    return answer.length > 0
  }
  if (!(await waitFor(some, { timeoutMs: 60_000, intervalMs: 500 })))
    throw new Error(`nothing to be had for ${expression}`)
  return answer
}

t.test('all jobs of the contract are scraped, found through the files beside the configuration', async (t) => {
  for (const job of jobs) {
    const [series] = await ask(`up{job="${job}"}`)
    t.equal(series?.metric.instance, targets[job])
  }
  t.equal((await query('up{job="ingest-service"} == 0')).length, 1, 'the one that is not there is down')
  for (const job of jobs.filter((job) => targets[job] !== ingest)) await ask(`up{job="${job}"} == 1`)
})

const send = (count: number) => {
  const startMs = Date.now() - 1_000
  const spans = Array.from({ length: count }, () => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'api_call',
    status: { code: 2 },
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 300}000000`,
    attributes: [{ key: 'estimate_widget.operation', value: { stringValue: 'send_message' } }],
  }))
  return fetch(`http://${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [tenantHeader]: 'tenant-a' },
    body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] }),
  })
}

t.test('the first spans of a series count, and an exemplar leads to a trace', async (t) => {
  t.equal((await send(4)).status, 200)
  const calls = 'widget_span_calls_total{tenant_id="tenant-a"}'
  await ask(`${calls} == 4`)
  for (const metric of ['widget_span_calls_total', 'widget_span_duration_seconds_count']) {
    const [series] = await ask(`increase(${metric}[5m]) > 0`)
    t.ok(Number(series?.value[1]) >= 3.9, `${metric} increased by ${series?.value[1]}`)
  }
  const end = Date.now() / 1_000 + 60
  const url = `http://${prometheus}/api/v1/query_exemplars?query=widget_span_duration_seconds_bucket&start=${end - 600}&end=${end}`
  const { data } = (await (await fetch(url)).json()) as { data: { exemplars: { labels: Record<string, string> }[] }[] }
  t.match(data[0]?.exemplars[0]?.labels, { trace_id: /^[0-9a-f]{32}$/, span_id: /^[0-9a-f]{16}$/ })
})

t.test('span metrics have the labels of the contract and those of the scrape', async (t) => {
  for (const [metric, labels] of Object.entries(spanMetrics)) {
    const series = await ask(`{__name__=~"${metric}|${metric}_count"}`)
    for (const { metric } of series) {
      const { __name__ = '', job, instance, ...own } = metric
      t.strictSame(Object.keys(own).sort(), [...labels].sort(), __name__)
      t.equal(job, 'widget-spans')
      t.equal(instance, targets['widget-spans'])
    }
  }
})

t.test('every metric of others that we rely on exists with the labels we use', async (t) => {
  for (const [metric, labels] of Object.entries(foreignMetrics)) {
    const [series] = await ask(metric)
    t.strictSame(
      labels.filter((label) => !(label in (series?.metric ?? {}))),
      [],
      metric,
    )
  }
})

t.test('what exists only once it has happened is at least known to the program that counts it', async (t) => {
  const collector = readFileSync(await toolPath('collector'), 'latin1')
  for (const metric of Object.keys(lateMetrics)) t.ok(collector.includes(metric), metric)
  t.notOk(collector.includes('otelcol_exporter_lost_spans'), 'and not just any name')
})

t.test('a failing API is an alert within two minutes of the first call', async (t) => {
  const alerts = await ask('ALERTS{alertname="WidgetApiErrorRateHigh", alertstate="firing"}')
  t.equal(alerts[0]?.metric.severity, 'warning')
})

t.test('Alertmanager hears of what fires', async (t) => {
  const names = async () => {
    const alerts = (await (await fetch(`http://${alertmanager}/api/v2/alerts`)).json()) as {
      labels: { alertname: string }
    }[]
    return alerts.map(({ labels }) => labels.alertname)
  }
  const wanted = ['IngestDown', 'Watchdog', 'WidgetApiErrorRateHigh']
  const heard = async () => {
    const heardOf = await names()
    return wanted.every((name) => heardOf.includes(name))
  }
  t.ok(await waitFor(heard, { timeoutMs: 60_000, intervalMs: 500 }))
})
