import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { dose } from 'stack/dose'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { type Database, startDatabase } from './database.ts'
import { type Ledger, openLedger, slowestMs } from './ledger.ts'
import { type Service, startService } from './service.ts'

const rounds = dose({ short: 1, long: 10 })
/** It lasts at least so long, in milliseconds, and until somebody was refused. */
const holdMs = dose({ short: 0, long: 30_000 })
const refusals = 10
const timeout = dose({ short: 300_000, long: 3_600_000 })
const recoveryMs = 10_000
/** More visitors than a group commit takes at once. */
const lanes = 64

type Parts = { database: Database; service: Service; db: pg.Pool }
/** Causes it. @returns what ends it */
type Trouble = (parts: Parts) => Promise<() => Promise<unknown>>

const holdLock =
  (table: string) =>
  async ({ db }: Parts) => {
    const client = await db.connect()
    await client.query('begin')
    await client.query(`lock table ${table} in access exclusive mode`)
    return async () => {
      await client.query('rollback')
      client.release()
    }
  }

/** Takes every connection that the server has for anyone but superusers, those of the service as well. */
async function takeAllConnections({ db, database }: Parts) {
  const taken: pg.Client[] = []
  const takeAll = async (): Promise<boolean> => {
    const { rowCount } = await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'leadlight_service' and application_name <> 'taker'",
    )
    for (let refused = false; !refused; ) {
      const client = new pg.Client({ connectionString: database.url, application_name: 'taker' })
      client.on('error', () => {})
      refused = !(await client.connect().then(
        () => taken.push(client),
        () => 0,
      ))
    }
    return rowCount === 0
  }
  if (!(await waitFor(takeAll, { timeoutMs: 30_000 }))) throw new Error('The service got a connection each time')
  return () => Promise.all(taken.map((client) => client.end()))
}

/** Look-ups of keys that nobody has wait for a table that someone holds: more of them than there are connections. */
async function exhaustLookUps(parts: Parts) {
  const end = await holdLock('leadlight.site_keys')(parts)
  const stop = new AbortController()
  const asking = Array.from({ length: 16 }, async (_, asker) => {
    for (let asked = 0; !stop.signal.aborted; asked++) {
      const site_key = `pk_nobody_${asker}_${asked}`
      const body = JSON.stringify({ site_key, sent_at: new Date().toISOString(), events: [] })
      const answer = await fetch(`${parts.service.url}/api/v1/widget/events`, { method: 'POST', body })
      await answer.body?.cancel()
      if (!stop.signal.aborted && answer.status !== 503) throw new Error(`A look-up was answered with ${answer.status}`)
    }
  })
  return async () => {
    stop.abort()
    await end()
    await Promise.all(asking)
  }
}

const troubles: Record<string, Trouble> = {
  'someone holds a lock on the events': holdLock('leadlight.events'),
  'every connection for look-ups waits for a lock': exhaustLookUps,
  'someone has taken every connection of the server': takeAllConnections,
}

for (const [name, begin] of Object.entries(troubles))
  t.test(name, { timeout }, async (t) => {
    const database = await startDatabase(t, { settings: ['max_connections=30'] })
    const service = await startService(t, database.url)
    const db = new pg.Pool({ connectionString: database.superuserUrl, max: 2 })
    t.teardown(() => db.end())
    const ledger = openLedger(t, { urls: [service.url], siteKey: database.tenant.site_key, lanes })
    await ledger.goesOn()
    let recoveredMs = 0
    for (let round = 0; round < rounds; round++) {
      const end = await begin({ database, service, db })
      const before = ledger.answers().length
      const refused = () =>
        ledger
          .answers()
          .slice(before)
          .filter(({ status }) => status === 503).length
      await setTimeout(holdMs)
      t.ok(await waitFor(() => refused() >= refusals, { timeoutMs: 60_000 }), 'visitors are told to come again')
      const endedAt = performance.now()
      await end()
      await ledger.goesOn()
      recoveredMs = Math.max(recoveredMs, performance.now() - endedAt)
    }
    t.ok(recoveredMs < recoveryMs, `works again within ${recoveryMs / 1_000} s`)
    await conclude(t, ledger, database)
    t.comment(`works again after ${recoveredMs.toFixed(0)} ms`)
  })

t.test('what holds up the numbers holds up no event', { timeout }, async (t) => {
  const database = await startDatabase(t)
  const service = await startService(t, database.url)
  const db = new pg.Pool({ connectionString: database.superuserUrl, max: 1 })
  t.teardown(() => db.end())
  const ledger = openLedger(t, { urls: [service.url], siteKey: database.tenant.site_key })
  await ledger.goesOn()
  const end = await holdLock('leadlight.quarter_hours')({ database, service, db })
  const headers = { authorization: `Bearer ${database.tenant.read_token}` }
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${service.url}/api/v1/analytics/summary`, { headers })
    await answer.body?.cancel()
    return answer.status
  }
  const asked = await Promise.all(Array.from({ length: 16 }, ask))
  await end()
  t.strictSame([...new Set(asked)], [503], 'readers are told to come again')
  t.equal(await ask(), 200, 'and are answered afterwards')
  const compared = await ledger.close(database.superuserUrl, database.tenant.tenant_id)
  t.strictSame(compared, { missing: 0, twice: 0, uncounted: 0, overcounted: 0, senseless: [] })
  const refused = ledger.answers().filter(({ status }) => status !== 200)
  t.strictSame(refused, [], 'no visitor noticed')
  t.comment(`${ledger.acknowledged()} events acknowledged meanwhile, none refused`)
})

async function conclude(t: Test, ledger: Ledger, database: Database) {
  const compared = await ledger.close(database.superuserUrl, database.tenant.tenant_id)
  const answers = ledger.answers()
  const refused = answers.filter(({ status }) => status === 503).length
  t.comment(
    `${ledger.acknowledged()} events acknowledged, ${compared.missing} missing, ${compared.twice} stored twice; ${refused} refused, slowest answer ${slowestMs(answers)} ms`,
  )
  t.strictSame(compared, { missing: 0, twice: 0, uncounted: 0, overcounted: 0, senseless: [] })
  t.strictSame([...new Set(answers.map(({ status }) => status))].sort(), [200, 503], '503 is the only refusal')
}
