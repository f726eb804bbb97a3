// The roll-up is what the events say, whoever counts, whenever it is killed.
import { fileURLToPath } from 'node:url'
import { startChild } from 'stack/child'
import { dose } from 'stack/dose'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { openPool } from '../src/database.ts'
import { eraseSession } from '../src/erasure.ts'
import { rollUp } from '../src/rollup.ts'
import { randomBatches } from './random-visits.ts'
import { findMiscounted } from './raw-counts.ts'
import { batch, type Service, startService } from './service.ts'

t.setTimeout(dose({ short: 400_000, long: 3_600_000 }))

const day = 86_400_000
const beginning = new Date(0)
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const visits = dose({ short: 150, long: 5_000 })
const counter = fileURLToPath(new URL('counting-process.ts', import.meta.url))

const openRollup = (t: Test, { databaseUrl }: Service) => {
  const pool = openPool(databaseUrl, { role: 'leadlight_rollup', size: 1, statementMs: 30_000, onError: () => {} })
  t.teardown(() => pool.end())
  return pool
}

const send = async ({ post, tenant }: Service, { events, sentAtMs }: ReturnType<typeof randomBatches>[number]) => {
  const { status, body } = await post(batch(tenant.site_key, events, { sent_at: new Date(sentAtMs).toISOString() }))
  if (status !== 200 || body.rejected.length > 0) throw new Error(JSON.stringify(body))
}

const pending = async ({ superuser }: Service): Promise<number> =>
  (await superuser.query('select count(*)::int as count from leadlight.touched_quarter_hours')).rows[0].count

t.test('two replicas count at once while events come in', async (t) => {
  const service = await startService(t)
  const replicas = [openRollup(t, service), openRollup(t, service)]
  const batches = randomBatches(seed, visits, Date.now(), 5 * day)
  const share = (n: number) => batches.filter((_, i) => i % 4 === n)
  let writing = true
  let busy = 0
  const counting = replicas.map(async (replica) => {
    while (writing) if ((await rollUp(replica, beginning)) === null) busy++
  })
  await Promise.all(
    [0, 1, 2, 3].map(async (n) => {
      for (const each of share(n)) await send(service, each)
    }),
  )
  writing = false
  await Promise.all(counting)
  await rollUp(replicas[0]!, beginning)
  t.comment(`seed ${seed}: ${batches.length} batches; ${busy} times the other one was at it`)
  t.equal(await pending(service), 0)
  t.strictSame(await findMiscounted(service.superuser), [])

  await service.superuser.query(
    'update leadlight.quarter_hours set opened = opened + 1 where ctid = (select min(ctid) from leadlight.quarter_hours)',
  )
  t.equal((await findMiscounted(service.superuser)).length, 1, 'a wrong count would have been noticed')
})

t.test('killed in the middle, whatever was taken is counted by the next', async (t) => {
  const service = await startService(t)
  const { superuser, databaseUrl } = service
  const batches = randomBatches(seed, visits, Date.now(), 5 * day)
  const kills = dose({ short: 5, long: 50 })
  for (let kill = 0; kill < kills; kill++) {
    for (const each of batches.filter((_, i) => i % kills === kill)) await send(service, each)
    const before = await pending(service)
    // lets it take what was touched and stops it where it writes what it counted
    const blocker = await superuser.connect()
    await blocker.query('begin')
    // however long the process takes to start
    await blocker.query('set local idle_in_transaction_session_timeout = 0')
    await blocker.query('lock table leadlight.quarter_hours in share mode')
    const child = startChild({ file: process.execPath, args: [counter], env: { DATABASE_URL: databaseUrl } })
    for (const stream of [child.stdout, child.stderr]) stream.resume()
    t.teardown(() => child.stop(1_000))
    const isStuck = async () =>
      (
        await superuser.query(
          "select 1 from pg_stat_activity where application_name = 'leadlight_rollup' and wait_event_type = 'Lock' and datname = current_database()",
        )
      ).rows.length === 1
    t.ok(await waitFor(isStuck, { timeoutMs: 30_000 }), 'it is in the middle')
    process.kill(child.pid, 'SIGKILL')
    await child.exited
    await blocker.query('commit')
    blocker.release()
    t.equal(await pending(service), before, 'nothing it took is gone')
  }
  const replica = openRollup(t, service)
  // the server notices at its next word to the killed one
  t.ok(await waitFor(async () => (await rollUp(replica, beginning)) !== null, { timeoutMs: 30_000 }))
  t.equal(await pending(service), 0)
  t.strictSame(await findMiscounted(superuser), [])
})

t.test('a commit that becomes visible late is counted when it does', async (t) => {
  const service = await startService(t)
  const { superuser, tenant } = service
  const replica = openRollup(t, service)
  const now = Date.now()
  const session = uuid7(now - 1_000)
  const late = await superuser.connect()
  t.teardown(() => late.release())
  await late.query('begin')
  await late.query(
    `with stored as (
       insert into leadlight.events (tenant_id, id, session_id, occurred_at, type, properties)
       values ($1, $2, $3, to_timestamp($4 / 1000.0), 'widget_opened', '{}') returning tenant_id, occurred_at
     ), session as (
       insert into leadlight.sessions (tenant_id, session_id, opened_at) values ($1, $3, to_timestamp($4 / 1000.0))
     )
     insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
     select array[tenant_id], array[leadlight.quarter_of(occurred_at)] from stored`,
    [tenant.tenant_id, uuid7(now), session, now],
  )
  // others commit after it began, and are counted before it ends
  const another = { id: uuid7(now), type: 'widget_opened', session_id: uuid7(now - 1_000) }
  t.match(await service.post(batch(tenant.site_key, [another])), { body: { accepted: 1 } })
  await service.countUp()
  t.strictSame(await findMiscounted(superuser), [])
  await late.query('commit')
  t.not((await findMiscounted(superuser)).length, 0, 'not counted yet')
  await rollUp(replica, beginning)
  t.strictSame(await findMiscounted(superuser), [])
})

t.test('a first load and a first error that come last change the days that were counted by segment', async (t) => {
  // a clock that stands: no hour of today is over meanwhile, and counted besides
  const now = Date.now()
  const service = await startService(t, { timeZone: 'UTC', now: () => now })
  const { tenant, superuser, countUp, get } = service
  const midnight = Math.floor(now / day) * day - 2 * day
  const session_id = uuid7(midnight - 60_000)
  const event = (type: string, ms: number, properties: object) => ({ id: uuid7(ms), type, session_id, properties })
  const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const afterMidnight = `from=${dateOf(midnight)}&to=${dateOf(midnight)}`
  const sendOne = (each: ReturnType<typeof event>) => send(service, { events: [each], sentAtMs: now })
  const countedDays = async () =>
    (await superuser.query('select 1 from leadlight.segmented_stretches where tenant_id = $1', [tenant.tenant_id])).rows
      .length

  await sendOne(event('lead_captured', midnight + 60_000, { contact: 'form' }))
  await countUp()
  const days = await countedDays()
  t.ok(days > 2, 'the days are counted')
  const leads = async (filter = '') =>
    (await get(`/api/v1/analytics/leads?${afterMidnight}${filter}`, tenant.read_token)).body
  t.match(await leads(), { total: 1, with_errors: 0 })
  t.match(await leads('&device=phone'), { total: 0 })

  await sendOne(event('widget_loaded', midnight - 50_000, { load_ms: 1, device: 'phone' }))
  t.match(await leads('&device=phone'), { total: 1, with_errors: 0 }, 'the lead of the day after is a phone’s')
  await sendOne(event('widget_error', midnight - 40_000, { error_type: 'TypeError' }))
  t.match(await leads(), { total: 1, with_errors: 1 }, 'and of a visit in which something failed')
  t.equal(await countedDays(), days, 'all from counted days')
})

t.test('an erased session is in no count any more', async (t) => {
  const service = await startService(t)
  const { superuser, databaseUrl, tenant } = service
  const now = Date.now()
  for (const each of randomBatches(seed, 30, now, 2 * day)) await send(service, each)
  await service.countUp()
  const eraser = openPool(databaseUrl, { role: 'leadlight_eraser', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => eraser.end())
  const { rows } = await superuser.query<{ session_id: string }>('select session_id from leadlight.sessions limit 10')
  for (const { session_id } of rows) await eraseSession(eraser, tenant.tenant_id, session_id)
  await service.countUp()
  t.strictSame(await findMiscounted(superuser), [])
})

t.test('counts outlive their events by months, and retention never counts them anew', async (t) => {
  const service = await startService(t, { timeZone: 'UTC' })
  const { superuser, tenant } = service
  const replica = openRollup(t, service)
  const old = new Date(Date.now() - 100 * day)
  await superuser.query(
    `insert into leadlight.quarter_hours select (json_populate_record(null::leadlight.quarter_hours, $1)).*`,
    [
      JSON.stringify({
        ...(await zeros(service)),
        tenant_id: tenant.tenant_id,
        quarter: quarterOf(old),
        widget_loaded: 7,
      }),
    ],
  )
  await superuser.query(
    'insert into leadlight.touched_quarter_hours (tenant_ids, quarters) values (array[$1::uuid], array[$2::timestamptz])',
    [tenant.tenant_id, quarterOf(old)],
  )
  await service.countUp()
  t.equal(await pending(service), 0)
  const date = old.toISOString().slice(0, 10)
  const { body } = await service.get(`/api/v1/analytics/summary?from=${date}&to=${date}`, tenant.read_token)
  t.equal(body.widget_views, 7)
  t.equal(await rollUp(replica, beginning), 0)
})

const quarterOf = (moment: Date) => new Date(Math.floor(moment.getTime() / 900_000) * 900_000).toISOString()
async function zeros({ superuser }: Service) {
  const { rows } = await superuser.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = 'leadlight.quarter_hours'::regclass and attnum > 2",
  )
  return Object.fromEntries(rows.map(({ name }) => [name, 0]))
}
