import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Child, startChild } from 'stack/child'
import { dose } from 'stack/dose'
import { freePort } from 'stack/ports'
import { databaseUrl, ensureDatabase, postgresCommand, prepareCluster, superuserUrl } from 'stack/postgres'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { openLedger } from './ledger.ts'

const serverFile = fileURLToPath(new URL('../../ingest-service/src/server.ts', import.meta.url))
const cliFile = fileURLToPath(new URL('../../ingest-service/src/leadlight.ts', import.meta.url))
const drivers = 4
const serviceKills = dose({ short: 20, long: 200 })
const postgresKills = dose({ short: 10, long: 100 })
const timeout = dose({ short: 300_000, long: 3_600_000 })
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

/** The same moments for the same seed. */
function random(): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** A durable PostgreSQL of its own and a service on it, both to be killed. */
async function start(t: Test) {
  const directory = await mkdtemp(join(tmpdir(), 'leadlight-kill-'))
  await chmod(directory, 0o711)
  const cluster = await prepareCluster(join(directory, 'postgres'), t.comment)
  const postgresPort = await freePort()
  const port = await freePort()
  const operationsPort = await freePort()
  const env = {
    DATABASE_URL: databaseUrl(cluster, postgresPort),
    HOST: '127.0.0.1',
    PORT: `${port}`,
    OPERATIONS_PORT: `${operationsPort}`,
    LIMIT_ADDRESS_REQUESTS_PER_MINUTE: '0',
    LIMIT_KEY_EVENTS_PER_SECOND: '0',
    LOG_LEVEL: 'silent',
  }
  const running: { postgres?: Child; service?: Child } = {}
  t.teardown(async () => {
    await running.service?.stop(15_000)
    await running.postgres?.stop(10_000)
    await rm(directory, { recursive: true, force: true })
  })
  const answers = (promise: Promise<unknown>): Promise<boolean> =>
    promise.then(
      () => true,
      () => false,
    )
  const stack = {
    url: `http://127.0.0.1:${port}`,
    superuserUrl: superuserUrl(cluster, postgresPort, 'leadlight'),
    running,
    async startPostgres() {
      running.postgres = startChild(await postgresCommand(cluster, postgresPort), 'SIGINT')
      for (const stream of [running.postgres.stdout, running.postgres.stderr]) stream.resume()
      if (!(await waitFor(() => answers(ensureDatabase(cluster, postgresPort)), { timeoutMs: 60_000 })))
        throw new Error('PostgreSQL does not come back')
    },
    async startService() {
      running.service = startChild({ file: process.execPath, args: [serverFile], env })
      for (const stream of [running.service.stdout, running.service.stderr]) stream.resume()
      const ready = () =>
        fetch(`http://127.0.0.1:${operationsPort}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        )
      if (!(await waitFor(ready, { timeoutMs: 30_000, intervalMs: 50 })))
        throw new Error('the service does not become ready')
    },
    async addTenant(): Promise<{ tenant_id: string; site_key: string }> {
      const child = startChild({
        file: process.execPath,
        args: [
          cliFile,
          'tenant',
          'add',
          '--name',
          'A',
          '--origin',
          'https://a.example',
          '--time-zone',
          'UTC',
          '--json',
        ],
        env,
      })
      child.stderr.resume()
      let text = ''
      for await (const chunk of child.stdout) text += chunk
      return JSON.parse(text)
    },
  }
  await stack.startPostgres()
  await stack.startService()
  return stack
}

/** Drives events, runs `disturb` so many times, lets everything settle and compares. */
async function survive(t: Test, times: number, disturb: (stack: Awaited<ReturnType<typeof start>>) => Promise<void>) {
  const stack = await start(t)
  const tenant = await stack.addTenant()
  const ledger = openLedger({ url: stack.url, siteKey: tenant.site_key, tenantId: tenant.tenant_id })
  const stop = new AbortController()
  const driving = Array.from({ length: drivers }, () => ledger.drive(stop.signal))
  const next = random()
  for (let i = 0; i < times; i++) {
    const before = ledger.acknowledged
    if (!(await waitFor(() => ledger.acknowledged > before + 200, { timeoutMs: 30_000, intervalMs: 20 })))
      throw new Error('nothing is acknowledged any more')
    await setTimeout(next() * 200)
    await disturb(stack)
  }
  const before = ledger.acknowledged
  t.ok(await waitFor(() => ledger.acknowledged > before + 200, { timeoutMs: 30_000 }), 'works again afterwards')
  stop.abort()
  await Promise.all(driving)
  const db = new pg.Pool({ connectionString: stack.superuserUrl, max: 1 })
  t.teardown(() => db.end())
  t.comment(
    `seed ${seed}: ${times} kills, ${ledger.acknowledged} events acknowledged, ${ledger.resent} batches sent again`,
  )
  t.ok(ledger.resent > 0, 'the kills were felt')
  t.strictSame(await ledger.compare(db), { missing: 0, twice: 0, uncounted: 0 })
  await db.query('delete from leadlight.events where id = (select id from leadlight.events order by id desc limit 1)')
  t.strictSame(await ledger.compare(db), { missing: 1, twice: 0, uncounted: 1 }, 'the ledger would have noticed')
}

t.test('the service killed again and again loses nothing it acknowledged and stores nothing twice', { timeout }, (t) =>
  survive(t, serviceKills, async (stack) => {
    stack.running.service!.kill()
    await stack.running.service!.exited
    await stack.startService()
  }),
)

t.test('PostgreSQL killed again and again loses nothing the service acknowledged', { timeout }, (t) =>
  survive(t, postgresKills, async (stack) => {
    // its backends end with it
    stack.running.postgres!.kill()
    await stack.running.postgres!.exited
    await stack.startPostgres()
  }),
)
