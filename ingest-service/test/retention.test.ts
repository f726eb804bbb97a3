import pg from 'pg'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { openPool } from '../src/database.ts'
import { maintain, runRetention } from '../src/maintenance.ts'
import { ensurePartitions } from '../src/partitions.ts'
import { readUpkeep } from '../src/upkeep.ts'
import { batch, type Service, startService } from './service.ts'

const day = 86_400_000

const partitionsOf = async (owner: pg.Pool, parent: string): Promise<string[]> => {
  const { rows } = await owner.query(
    `select relname from pg_class where relkind = 'r' and relname ~ ('^' || $1 || '_\\d{8}$') order by 1`,
    [parent],
  )
  return rows.map((row) => row.relname)
}

/** With the days that are made today and no other: the copied database may be of yesterday. */
async function startToday(t: Test): Promise<Service> {
  const service = await startService(t)
  const oldest = new Date(Date.now() - 9 * day).toISOString().slice(0, 10).replaceAll('-', '')
  for (const parent of ['events', 'sessions'])
    for (const name of await partitionsOf(service.owner, parent))
      if (name < `${parent}_${oldest}`) await service.owner.query(`drop table leadlight.${name}`)
  return service
}

t.test('days are made a week ahead and dropped on day 92, however often it runs', async (t) => {
  const { owner, superuser, post, tenant } = await startToday(t)
  const now = new Date()
  await post(
    batch(tenant.site_key, [{ id: uuid7(now.getTime()), type: 'widget_opened', session_id: uuid7(now.getTime() - 1) }]),
  )
  const name = (offset: number) => new Date(now.getTime() + offset * day).toISOString().slice(0, 10).replaceAll('-', '')
  t.equal((await partitionsOf(owner, 'events')).at(-1), `events_${name(7)}`)
  t.match(await readUpkeep(owner), { daysAhead: 7, oldestDays: 9, retentionAt: 0 })

  t.strictSame(await runRetention(owner, new Date(now.getTime() + 91 * day)), [
    ...Array.from({ length: 9 }, (_, i) => `events_${name(i - 9)}`),
    ...Array.from({ length: 9 }, (_, i) => `sessions_${name(i - 9)}`),
  ])
  t.equal(
    (await superuser.query('select 1 from leadlight.events')).rows.length,
    1,
    'on day 91 the event is still there',
  )
  const onDay92 = new Date(now.getTime() + 92 * day)
  t.match(await runRetention(owner, onDay92), [`events_${name(0)}`, `sessions_${name(0)}`])
  t.strictSame(await runRetention(owner, onDay92), [], 'nothing left to do')
  t.match(await readUpkeep(owner), { oldestDays: -1, retentionAt: onDay92.getTime() / 1_000 })
  t.strictSame((await owner.query("select succeeded_at from leadlight.jobs where name = 'retention'")).rows, [
    { succeeded_at: onDay92 },
  ])
})

t.test('what a killed run left half done is finished by the next', async (t) => {
  const { owner, superuser, databaseUrl } = await startService(t)
  const now = Date.now()
  const [first, second] = await partitionsOf(owner, 'events')
  // killed between DETACH and DROP
  await owner.query(`alter table leadlight.events detach partition leadlight.${first} concurrently`)
  // killed inside DETACH CONCURRENTLY, which waits for an open query
  const dashboard = new pg.Client(databaseUrl)
  await dashboard.connect()
  t.teardown(() => dashboard.end())
  await dashboard.query('begin')
  await dashboard.query('select count(*) from leadlight.events')
  const pending = async () =>
    (await owner.query('select inhrelid::regclass::text as name from pg_inherits where inhdetachpending')).rows
  const killed = new pg.Client(databaseUrl)
  await killed.connect()
  const detaching = t.rejects(
    killed.query(`alter table leadlight.events detach partition leadlight.${second} concurrently`),
  )
  t.ok(await waitFor(async () => (await pending()).length > 0, { timeoutMs: 30_000 }), 'it waits for the query')
  await superuser.query(
    "select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and query like 'alter table%'",
  )
  await detaching
  await killed.end()
  await dashboard.query('commit')
  t.match(await pending(), [{ name: `leadlight.${second}` }])

  const dropped = await runRetention(owner, new Date(now + 85 * day))
  t.match(dropped, [first, second])
  t.notOk((await partitionsOf(owner, 'events')).includes(second!))
})

t.test('while a dashboard query is open, new days are made and no insert waits', async (t) => {
  const { owner, post, tenant, databaseUrl } = await startToday(t)
  const dashboard = new pg.Client(databaseUrl)
  await dashboard.connect()
  t.teardown(() => dashboard.end())
  await dashboard.query('begin')
  await dashboard.query('select count(*) from leadlight.events')
  const client = await owner.connect()
  await ensurePartitions(client, new Date(Date.now() + 3 * day)).finally(() => client.release())
  t.equal((await partitionsOf(owner, 'events')).length, 20)
  const started = performance.now()
  const event = { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }
  t.match((await post(batch(tenant.site_key, [event]))).body, { accepted: 1 })
  t.ok(performance.now() - started < 1_000)
})

t.test('one process works at a time', async (t) => {
  const { owner, databaseUrl } = await startService(t)
  const another = new pg.Client(databaseUrl)
  await another.connect()
  t.teardown(() => another.end())
  await another.query('select pg_advisory_lock(7231002)')
  t.equal(await runRetention(owner, new Date()), null)
})

t.test('two replicas whose upkeep meets at the first hour of a day both end well', async (t) => {
  const { owner, databaseUrl } = await startService(t)
  const pools = Array.from({ length: 2 }, () => new pg.Pool({ connectionString: databaseUrl, max: 1 }))
  t.teardown(() => Promise.all(pools.map((pool) => pool.end())))
  for (let offset = 1; offset <= 9; offset += 2) {
    const tomorrow = new Date(Date.now() + offset * day)
    // the first keeps house, the second starts
    const [first, second] = pools as [pg.Pool, pg.Pool]
    const starting = await second.connect()
    await t.resolves(Promise.all([maintain(first, tomorrow), ensurePartitions(starting, tomorrow)]))
    starting.release()
    const dayAfter = new Date(tomorrow.getTime() + day)
    await t.resolves(Promise.all(pools.map((pool) => maintain(pool, dayAfter))))
  }
  t.equal((await readUpkeep(owner)).daysAhead, 17)
})

t.test('upkeep that is killed at any statement is finished by the next, and costs no event', async (t) => {
  const started = Date.now()
  let now = new Date(started)
  const { owner, post, superuser, tenant, databaseUrl } = await startService(t, { now: () => now.getTime() })
  let statements = 0
  let killed = 0
  for (let at = 0; at === 0 || killed === at; at++) {
    // every day one is made and one dropped
    now = new Date(started + (83 + at) * day)
    const pool = openPool(databaseUrl, { size: 1, statementMs: 60_000, onError: () => {} })
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
      let count = 0
      client.query = (async (...args: unknown[]) => {
        statements = Math.max(statements, ++count)
        if (count !== at + 1) return query(...args)
        // the statement is under way, or done and its answer lost
        const answer = query(...args).catch(() => {})
        if (at % 2) await answer
        await superuser.query('select pg_terminate_backend($1)', [
          (client as unknown as { processID: number }).processID,
        ])
        await answer
        throw new Error('killed')
      }) as typeof client.query
    })
    await maintain(pool, now).then(
      () => {},
      () => killed++,
    )
    await pool.end()
    // the lock goes with the killed connection, a moment later
    t.ok(await waitFor(async () => (await maintain(owner, now)) !== null, { timeoutMs: 30_000 }))
    const name = (offset: number) =>
      new Date(now.getTime() + offset * day).toISOString().slice(0, 10).replaceAll('-', '')
    for (const parent of ['events', 'sessions']) {
      const partitions = await partitionsOf(owner, parent)
      t.strictSame(
        [partitions[0]! >= `${parent}_${name(-91)}`, partitions.at(-1)],
        [true, `${parent}_${name(7)}`],
        `killed at statement ${at + 1}`,
      )
    }
    const event = { id: uuid7(now.getTime()), type: 'widget_opened', session_id: uuid7(now.getTime() - 1) }
    const sent_at = now.toISOString()
    t.match((await post(batch(tenant.site_key, [event], { sent_at }))).body, { accepted: 1 })
  }
  t.ok(killed >= 15, `killed at each of ${statements} statements`)
  t.match((await superuser.query('select count(*)::int as n from leadlight.events')).rows, [{ n: killed + 1 }])
})

t.test('while an old day is being dropped behind an open dashboard query, inserts do not wait', async (t) => {
  const { owner, post, superuser, tenant, databaseUrl } = await startService(t)
  const dashboard = new pg.Client(databaseUrl)
  await dashboard.connect()
  t.teardown(() => dashboard.end())
  await dashboard.query('begin')
  await dashboard.query('select count(*) from leadlight.events')
  const rotation = maintain(owner, new Date(Date.now() + 84 * day))
  const waits = async (): Promise<boolean> =>
    (
      await superuser.query(
        "select 1 from pg_stat_activity where datname = current_database() and query like 'alter table%concurrently' and wait_event_type = 'Lock'",
      )
    ).rows.length > 0
  t.ok(await waitFor(waits, { timeoutMs: 30_000 }), 'the detach waits for the query')
  let longestMs = 0
  for (let i = 0; i < 20; i++) {
    const startedMs = performance.now()
    const event = { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }
    t.match((await post(batch(tenant.site_key, [event]))).body, { accepted: 1 })
    longestMs = Math.max(longestMs, performance.now() - startedMs)
  }
  t.ok(longestMs < 1_000, `${longestMs.toFixed(0)} ms`)
  await dashboard.query('commit')
  t.ok((await rotation)!.length > 0)
})
