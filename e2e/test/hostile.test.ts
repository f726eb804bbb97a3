// What hostile browsers send through the real gateway costs bounded series, nobody else's numbers, and no sleep.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seriesOfTenant } from 'contract/series'
import { attributes, serviceName, siteKeyHeader } from 'contract/spans'
import { execa } from 'execa'
import pg from 'pg'
import { dose } from 'stack/dose'
import { freePorts } from 'stack/ports'
import { readRunning } from 'stack/running'
import { startStack } from 'stack/stack'
import t from 'tap'
import { eventually, openBackends } from './backends.ts'
import { call, countable, distinctNames, impossible, makeSpan, openForger } from './forger.ts'
import { makeNoise } from './noise.ts'

const minutes = 60_000
const names = dose({ short: 20_000, long: 1_000_000 })
t.setTimeout(dose({ short: 10, long: 90 }) * minutes)

const dataDir = await mkdtemp(join(tmpdir(), 'leadlight-e2e-'))
await chmod(dataDir, 0o711)
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
const stack = await startStack({ dataDir, ports: await freePorts(), log: (line) => t.comment(line) })
t.teardown(() => stack.close())
await stack.ready
const backends = openBackends(t, stack)
const { ports, publicUrl, databaseUrl } = stack

async function addTenant(name: string): Promise<{ tenant_id: string; site_key: string }> {
  const program = fileURLToPath(new URL('../../ingest-service/src/leadlight.ts', import.meta.url))
  const args = ['tenant', 'add', '--name', name, '--origin', 'https://www.site.example', '--time-zone', 'UTC', '--json']
  const { stdout } = await execa(process.execPath, [program, ...args], {
    env: { DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl },
  })
  return JSON.parse(stdout)
}
const attacker = await addTenant('Attacker')
const second = await addTenant('Second key')
const third = await addTenant('Third key')
const victim = await addTenant('Victim')
const neighbour = await addTenant('Neighbour')
const noisy = await addTenant('Noisy')

const forgers = [attacker, second, third].map(({ site_key }) => openForger(publicUrl, site_key, victim.tenant_id))
const [first] = forgers as [ReturnType<typeof openForger>]
const honest = openForger(publicUrl, neighbour.site_key, neighbour.tenant_id)
const honestSpans: string[] = []

async function visitNeighbour() {
  const spans = [makeSpan('widget_loaded'), call(false)]
  await honest.send(spans)
  honestSpans.push(...spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`))
}

const callsOf = (tenant: string) => backends.metric(`sum(widget_span_calls_total{tenant_id="${tenant}"})`)
const paged = async () => (await backends.alerts('on-call')).map(({ labels }) => labels.alertname)
/** Whether it fires, or has by now: what is sent meanwhile may take longer than it goes on. */
const hasFired = (alert: string) =>
  backends.metric(`count(max_over_time(ALERTS{alertname="${alert}", alertstate="firing"}[1h]))`)

/** Alerts that would page, as Prometheus has them now. */
async function firingPages(): Promise<string[]> {
  const answer: any = await (await fetch(`http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/alerts`)).json()
  return answer.data.alerts
    .filter(({ state, labels }: any) => state === 'firing' && labels.severity === 'critical')
    .map(({ labels }: any) => labels.alertname)
}

/** How many traces of the tenant the store finds, of at most 20. */
async function tracesOf(tenant: string): Promise<number> {
  const query = new URLSearchParams({
    service: serviceName,
    limit: '20',
    tags: JSON.stringify({ [attributes.tenantId]: tenant }),
  })
  const answer = await fetch(`http://127.0.0.1:${ports.TRACES_PORT}/api/traces?${query}`)
  return ((await answer.json()) as { data: unknown[] }).data.length
}

t.test(`${names} names, forged tenants and an outage that there is not are sent`, async (t) => {
  await visitNeighbour()
  t.ok(new Set(await first.send(countable(victim.tenant_id))).has(200))
  const before = first.sent
  const [good, ...bad] = [makeSpan('widget_opened'), ...impossible(victim.tenant_id)]
  await first.send([...bad.slice(0, 6), good as Required<typeof good>, ...bad.slice(6)])
  // the gateway cannot know that the others of that request will be dropped
  t.equal(first.sent - before, bad.length + 1)
  for (const forger of forgers)
    await forger.send(Array.from({ length: 400 }, (_, n) => call(true, n % 2 ? 'create_estimate' : 'send_message')))
  for (let left = names; left > 0; left -= 20_000) {
    await first.send(distinctNames(Math.min(left, 20_000)))
    await visitNeighbour()
  }
  t.ok(first.sent > names + 400, `${first.sent} spans of the attacker were taken`)
})

t.test('each span is counted once for who sent it, and none for anybody else', async (t) => {
  const dropped = impossible('').length
  const counted = async () => [
    await callsOf(attacker.tenant_id),
    await callsOf(second.tenant_id),
    await callsOf(third.tenant_id),
    await callsOf(neighbour.tenant_id),
  ]
  const sent = [first.sent - dropped, ...forgers.slice(1).map((forger) => forger.sent), honest.sent]
  const all = (numbers: number[]) => numbers.every((number, n) => number >= (sent[n] ?? 0))
  t.strictSame(await eventually(counted, all, 2 * minutes), sent)
  t.equal(await backends.metric(`count({tenant_id="${victim.tenant_id}"})`), 0)
  // those of the stack's own canary come on the way
  const both = 'sum(widget_span_calls_total) - sum(widget_span_duration_seconds_count)'
  const uncounted = () => backends.metric(both)
  t.equal(await eventually(uncounted, (spans) => spans === 0, minutes), 0, 'and once in the durations')
  const senders = [attacker, second, third, neighbour].map(({ tenant_id }) => tenant_id).join('|')
  const others = `count(count by (tenant_id) (widget_span_calls_total{tenant_id!~"${senders}"}))`
  t.ok((await backends.metric(others)) <= 1, 'there is no third')
})

t.test('no tenant has more series than one can have, and nothing a browser wrote is a label', async (t) => {
  t.ok((await backends.metric('max(count by (tenant_id) (widget_span_calls_total))')) <= seriesOfTenant)
  t.ok((await backends.metric('count(widget_span_duration_seconds_count)')) <= seriesOfTenant)
  t.equal(await backends.metric('count({job="widget-spans", otel_metric_overflow=~".+"})'), 0)
  const labels: any = await (
    await fetch(`http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/series?match[]={job="widget-spans"}`)
  ).json()
  const written = JSON.stringify(labels.data)
  t.notMatch(written, /name \d|nnnn|vvvv|kkkk|key\.\d|deep/)
  t.notMatch(written, victim.tenant_id)
})

t.test("no trace and no row is another tenant's, and the neighbour has all of its own", async (t) => {
  t.ok(
    (await eventually(
      () => tracesOf(neighbour.tenant_id),
      (found) => found > 0,
      minutes,
    )) > 0,
  )
  const missing = async () => {
    const traces = new Set(honestSpans.map((span) => span.split(' ')[0] ?? ''))
    const found = new Set<string>()
    for (const trace of traces)
      for (const span of await backends.spans(trace))
        if (span.attributes[attributes.tenantId] === neighbour.tenant_id) found.add(`${trace} ${span.spanId}`)
    return honestSpans.filter((span) => !found.has(span))
  }
  t.strictSame(await eventually(missing, (spans) => spans.length === 0, dose({ short: 2, long: 20 }) * minutes), [])
  t.equal(await tracesOf(victim.tenant_id), 0)
  const db = new pg.Client({ connectionString: databaseUrl, options: '-c role=leadlight_views' })
  await db.connect()
  const { rows } = await db.query('select count(*)::int as rows from leadlight.events where tenant_id = any($1)', [
    [attacker, second, third, victim, neighbour].map(({ tenant_id }) => tenant_id),
  ])
  await db.end()
  t.strictSame(rows, [{ rows: 0 }], 'spans make no rows')
})

const seed = Date.now() % 1_000_000
t.test(`noise in the place of spans, from seed ${seed}, stops nothing`, async (t) => {
  const pid = () => readRunning(dataDir)?.processes.collector?.pid
  const [before, statuses] = [pid(), new Map<number, number>()]
  for (const { body, type } of makeNoise(dose({ short: 400, long: 2_000 }), seed)) {
    const headers = { 'content-type': type, [siteKeyHeader]: noisy.site_key }
    const { status } = await fetch(`${publicUrl}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(body) })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status === 429) await pause(1_000)
  }
  t.strictSame(
    [...statuses.keys()].filter((status) => ![200, 429].includes(status)),
    [],
    'what the collector cannot read is refused in an answer, never to be sent again',
  )
  t.equal(pid(), before, 'the collector lives')
  await visitNeighbour()
  t.equal(
    await eventually(
      () => callsOf(neighbour.tenant_id),
      (calls) => calls >= honest.sent,
      minutes,
    ),
    honest.sent,
  )
  t.equal(await backends.metric(`count({tenant_id="${victim.tenant_id}"})`), 0)
  t.ok((await backends.metric(`count(widget_span_calls_total{tenant_id="${noisy.tenant_id}"})`)) <= seriesOfTenant)
})

t.test('the forged outage is a ticket and wakes nobody', async (t) => {
  t.ok(await eventually(() => hasFired('WidgetApiErrorRateHigh'), Boolean, 2 * minutes))
  t.strictSame(await firingPages(), [])
  t.strictSame(await paged(), [])
})

t.test('behind forged calm a real fault still pages', async (t) => {
  const startMs = Date.now()
  let calm = 0
  const stopped = stack.stop('postgres')
  const keepCalm = async () => {
    const statuses = await Promise.all(
      forgers.map((forger) => forger.send(Array.from({ length: 20 }, () => call(false)))),
    )
    calm += statuses.flat().filter((status) => status === 200).length
    return (await paged()).includes('DatabaseDown')
  }
  t.ok(await eventually(keepCalm, Boolean, 3 * minutes), 'within three minutes')
  t.ok(calm > 0, `${calm} requests of calm were taken`)
  t.comment(`paged after ${Math.round((Date.now() - startMs) / 1_000)} s`)
  await stopped
})
