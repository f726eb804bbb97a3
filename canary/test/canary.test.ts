// The canary at the door of the real service: what it finds, what it misses, and that it is in nobody's numbers.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { respondsOk } from 'stack/addresses'
import { type Child, type Command, startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { cloneDatabase } from 'stack/test-database'
import { waitFor } from 'stack/wait'
import t from 'tap'

t.setTimeout(180_000)

const program = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
const db = new pg.Pool({ connectionString: superuserUrl, max: 1 })
t.teardown(() => db.end())
const [port, operationsPort, canaryPort] = await Promise.all([freePort(), freePort(), freePort()])
const children = new Set<Child>()
t.teardown(() => Promise.all([...children].map((child) => child.stop(5_000))))

function start(file: string, env: Command['env']): { child: Child; log: () => string } {
  const child = startChild({ file: process.execPath, args: [program(file)], env: { HOST: '127.0.0.1', ...env } })
  children.add(child)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  return { child, log: () => log }
}
/** It serves the bundles of dist/, so it needs them. */
const startService = () =>
  start('ingest-service/src/server.ts', {
    DATABASE_URL: databaseUrl,
    PORT: `${port}`,
    OPERATIONS_PORT: `${operationsPort}`,
    COLLECTOR_URL: 'http://127.0.0.1:9',
  }).child

const leadlight = (...args: string[]) =>
  promisify(execFile)(process.execPath, [program('ingest-service/src/leadlight.ts'), ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
  })

/** The canary's metrics by name and labels. */
async function readMetrics(): Promise<Map<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${canaryPort}/metrics`).then(
    (response) => response.text(),
    () => '',
  )
  return new Map(
    answer
      .split('\n')
      .filter((line) => line.startsWith('leadlight_canary_'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}
const count = async (check: string, outcome: string) =>
  (await readMetrics()).get(`leadlight_canary_checks_total{check="${check}",outcome="${outcome}"}`) ?? 0
const rises = async (check: string, outcome: string) => {
  const before = await count(check, outcome)
  return waitFor(async () => (await count(check, outcome)) > before, { timeoutMs: 60_000 })
}

const tenantFile = `${t.testdir()}/tenant.json`
const place = ['--name', 'Canary', '--time-zone', 'UTC', '--origin', 'https://canary.invalid']
writeFileSync(tenantFile, (await leadlight('tenant', 'add', ...place, '--canary', '--json')).stdout)
let service = startService()
const answers = () => respondsOk(`http://127.0.0.1:${operationsPort}/readyz`)
if (!(await waitFor(answers, { timeoutMs: 60_000 }))) throw new Error('ingest-service does not become ready')
const canary = start('canary/src/server.ts', {
  CANARY_PORT: `${canaryPort}`,
  CANARY_URL: `http://127.0.0.1:${port}`,
  CANARY_TENANT_FILE: tenantFile,
  CANARY_INTERVAL_SECONDS: '2',
})

t.test('its event is answered and its row is found; without a collector its trace is not', async (t) => {
  t.ok(await rises('event', 'success'))
  t.ok(await rises('row', 'success'))
  t.ok(await rises('trace', 'failure'))
  const metrics = await readMetrics()
  const at = metrics.get('leadlight_canary_last_success_timestamp_seconds{check="row"}') ?? 0
  t.ok(Math.abs(Date.now() / 1_000 - at) < 60, 'the moment of the last success is now')
  t.ok((metrics.get('leadlight_canary_delay_seconds{check="row"}') ?? 0) > 0)
  t.ok(Math.abs(metrics.get('leadlight_canary_clock_skew_seconds') ?? 99) < 5, 'both clocks are this machine')
  t.equal(metrics.get('leadlight_canary_certificate_expiry_timestamp_seconds'), 0)
  t.notOk(
    [...metrics.keys()].some((name) => name.includes('metric"')),
    'without Prometheus there is nothing to say about metrics',
  )
  t.match(canary.log(), /trace: \/v1\/traces answered 503/)
})

t.test("its visits are stored, and in nobody's numbers", async (t) => {
  const { rows } = await db.query('select count(*)::int as events from leadlight.events')
  t.ok(rows[0].events > 0)
  const views = ['events_hourly', 'funnel_hourly', 'leads']
  for (const view of views) {
    const { rows } = await db.query(`select count(*)::int as rows from dashboards.${view}`)
    t.equal(rows[0].rows, 0, view)
  }
  t.match((await leadlight('tenant', 'list')).stdout, /Canary {2}\(the canary\)\n$/)
  t.match(JSON.parse((await leadlight('tenant', 'list', '--json')).stdout), [{ name: 'Canary', is_canary: true }])
})

t.test('a service that is gone fails its checks, and its return is noticed', async (t) => {
  // between two visits: one that is under way as the service stops would tell of another end
  t.ok(await rises('row', 'success'))
  await service.stop(15_000)
  children.delete(service)
  t.ok(await rises('event', 'failure'))
  t.ok(await rises('row', 'failure'))
  const metrics = await readMetrics()
  const last = metrics.get('leadlight_canary_last_success_timestamp_seconds{check="event"}') ?? 0
  service = startService()
  t.ok(await rises('event', 'success'))
  const now = (await readMetrics()).get('leadlight_canary_last_success_timestamp_seconds{check="event"}') ?? 0
  t.ok(now > last)
  t.match(canary.log(), /event: fetch failed: ECONNREFUSED\n(.*\n)*event: found again after \d+ ms/)
})

t.test('it says what it lacks, and stops when asked', async (t) => {
  const lacking = start('canary/src/server.ts', { CANARY_URL: '' })
  t.equal(await lacking.child.ended, 'exit code 1')
  t.match(lacking.log(), 'canary cannot start: CANARY_URL is not set')
  const before = performance.now()
  await canary.child.stop(5_000)
  t.equal(await canary.child.exited, 'exit code 0')
  t.ok(performance.now() - before < 5_000)
})
