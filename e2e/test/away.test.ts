// Trace store, Prometheus and Alertmanager away, the collector killed meanwhile: events do not notice, spans wait, counting goes on.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dose } from 'stack/dose'
import { freePorts } from 'stack/ports'
import { readRunning } from 'stack/running'
import { startStack } from 'stack/stack'
import t from 'tap'
import { eventually, openBackends } from './backends.ts'
import { makeSpan, openForger } from './forger.ts'
import { openLedger } from './ledger.ts'
import { listeningSockets } from './listening.ts'

const minutes = 60_000
const kills = dose({ short: 2, long: 20 })
const requestsPerLife = dose({ short: 10, long: 500 })
t.setTimeout(dose({ short: 8, long: 60 }) * minutes)

// the service inherits it: a ledger sends more than one visitor does
process.env.LIMIT_ADDRESS_REQUESTS_PER_MINUTE = '0'
process.env.LIMIT_KEY_EVENTS_PER_SECOND = '0'
const dataDir = await mkdtemp(join(tmpdir(), 'leadlight-e2e-'))
await chmod(dataDir, 0o711)
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
const stack = await startStack({ dataDir, ports: await freePorts(), log: (line) => t.comment(line) })
t.teardown(() => stack.close())
await stack.ready
const { ports, publicUrl, demoTenant } = stack
const backends = openBackends(t, stack)
const sender = openForger(publicUrl, demoTenant.site_key, demoTenant.tenant_id)
const ledger = openLedger(t, { urls: [publicUrl], siteKey: demoTenant.site_key, lanes: 1, eventsPerBatch: 5 })
const kept = new Map<string, Set<string>>()

/** Sends one request and notes its spans when the gateway took them; false when it did not. */
async function send(): Promise<boolean> {
  const spans = Array.from({ length: 25 }, () => makeSpan('message_sent'))
  const before = sender.sent
  await sender.send(spans)
  if (sender.sent === before) return false
  for (const { traceId, spanId } of spans) kept.set(traceId, (kept.get(traceId) ?? new Set()).add(spanId))
  return true
}

t.test('without Docker nothing can be reached from another machine', async (t) => {
  const sockets = listeningSockets(dataDir)
  const loopback = /^(0100007F|0{24}01000000|0{16}FFFF00000100007F):/
  for (const [name, addresses] of Object.entries(sockets)) {
    t.ok(addresses.length > 0, `${name} listens`)
    t.strictSame(
      addresses.filter((address) => !loopback.test(address)),
      [],
      name,
    )
  }
})

const away = ['jaeger', 'prometheus', 'alertmanager']

t.test(`they go, and the collector is killed ${kills} times`, async (t) => {
  await ledger.goesOn(50)
  for (const name of away) await stack.stop(name)
  const collector = async () => readRunning(dataDir)?.processes.collector?.pid
  let killed: number | undefined
  for (let life = 0; life <= kills; life++) {
    t.ok(await eventually(send, Boolean, minutes), 'spans are taken, by a collector that starts by itself')
    for (let requests = 1; requests < requestsPerLife; requests++) t.ok(await send())
    if (life === kills) break
    // it may take spans before it is written down
    killed = await eventually(collector, (pid) => pid !== undefined && pid !== killed, minutes)
    process.kill(killed as number, 'SIGKILL')
  }
  await ledger.goesOn(50)
})

t.test('they come back: every span that was taken is in the trace store', async (t) => {
  for (const name of away) await stack.resume(name)
  const missing = async () => {
    for (const [trace, waiting] of kept) {
      for (const { spanId } of await backends.spans(trace).catch(() => [])) waiting.delete(spanId)
      if (waiting.size === 0) kept.delete(trace)
    }
    return [...kept.values()].reduce((sum, waiting) => sum + waiting.size, 0)
  }
  t.ok(kept.size > 0)
  t.equal(await eventually(missing, (spans) => spans === 0, dose({ short: 3, long: 20 }) * minutes), 0)
})

t.test('Prometheus counts on, and Alertmanager hears of it', async (t) => {
  // nobody answers until they listen again
  const jobs = () => backends.metric('sum(up{job=~"collector|widget-spans|alertmanager"})').catch(() => 0)
  t.equal(await eventually(jobs, (up) => up === 3, 2 * minutes), 3)
  // the counter itself: how much it increased is a guess from two scrapes, and depends on when they were
  const counted = () => backends.metric(`sum(widget_span_calls_total{span_name="quote_requested"})`)
  await sender.send([1, 2, 3].map(() => makeSpan('quote_requested')))
  t.equal(await eventually(counted, (spans) => spans >= 3, 2 * minutes), 3)
  const alerts = async () => (await fetch(`http://127.0.0.1:${ports.ALERTMANAGER_PORT}/api/v2/alerts`)).text()
  t.match(await eventually(alerts, (text) => text.includes('Watchdog'), 2 * minutes), 'Watchdog')
})

t.test('every event of that time was answered with 200 and is stored once', async (t) => {
  const refused = ledger.answers().filter(({ status }) => status !== 200)
  t.strictSame(refused, [])
  const db = new URL(stack.databaseUrl)
  db.searchParams.set('options', '-c role=leadlight_views')
  const { missing, twice, senseless } = await ledger.close(db.href, demoTenant.tenant_id)
  t.strictSame({ missing, twice, senseless }, { missing: 0, twice: 0, senseless: [] })
})
