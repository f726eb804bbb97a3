// Who is expected, who is silent, and who says so.
import t, { type Test } from 'tap'
import { addTenant, setDisabled } from '../src/cli/tenants.ts'
import { openPool } from '../src/database.ts'
import { findSilence, readSilence } from '../src/silence.ts'
import { startService } from './service.ts'

// a Tuesday, the second after the clocks of New York went back
const now = new Date('2026-11-10T17:05:00Z')
const hour = 3_600_000
const week = 7 * 24 * hour

async function start(t: Test) {
  const service = await startService(t, { now: () => now.getTime() })
  const { owner, superuser, databaseUrl, metrics } = service
  const pool = openPool(databaseUrl, { role: 'leadlight_rollup', size: 2, statementMs: 10_000, onError: () => {} })
  const ingest = openPool(databaseUrl, { role: 'leadlight_ingest', size: 1, statementMs: 10_000, onError: () => {} })
  for (const each of [pool, ingest]) t.teardown(() => each.end())
  const names = new Map<string, string>()
  return {
    ...service,
    pool,
    async add(name: string, timeZone = 'America/New_York') {
      const { tenant_id } = await addTenant(owner, { name, timeZone, origins: [] })
      names.set(tenant_id, name)
      return tenant_id
    },
    /** Loads of one quarter hour. */
    async load(tenantId: string, at: number, loads: number) {
      const { rows } = await superuser.query<{ name: string }>(
        "select attname as name from pg_attribute where attrelid = 'leadlight.quarter_hours'::regclass and attnum > 2",
      )
      const row = Object.fromEntries(rows.map(({ name }) => [name, 0]))
      const quarter = new Date(Math.floor(at / 900_000) * 900_000)
      await superuser.query(
        'insert into leadlight.quarter_hours select (json_populate_record(null::leadlight.quarter_hours, $1)).*',
        [JSON.stringify({ ...row, tenant_id: tenantId, quarter, widget_loaded: loads })],
      )
    },
    look: (at: number) => findSilence(pool, new Date(at)),
    /** Tenants told of, by name: true when silent. */
    async told() {
      await readSilence(ingest, metrics)
      const text = await metrics.registry.metrics()
      return Object.fromEntries(
        [...text.matchAll(/^leadlight_tenant_silent\{tenant_id="(.*)"\} (\d)$/gm)].map(([, id = '', value]) => [
          names.get(id),
          value === '1',
        ]),
      )
    },
  }
}

t.test('only whom its own weeks expect at this hour can be silent', async (t) => {
  const { add, load, look, told, owner, superuser, metrics } = await start(t)
  const nowMs = now.getTime()
  /** Loads an hour before now in each of the four weeks before; New York's clocks were an hour ahead until 1 November. */
  const baseline = async (tenantId: string, weeks: number[], zone: 'New York' | 'UTC') => {
    for (const [i, loads] of weeks.entries()) {
      const shifted = zone === 'New York' && i > 0 ? hour : 0
      await load(tenantId, nowMs - (i + 1) * week - shifted - hour / 2, loads)
    }
  }
  const heard = await add('heard')
  await baseline(heard, [9, 9, 9, 9], 'New York')
  await load(heard, nowMs - hour / 2, 1)
  await baseline(await add('silent'), [9, 9, 9, 9], 'New York')
  await baseline(await add('in UTC', 'UTC'), [9, 9, 9, 9], 'UTC')
  await baseline(await add('at another hour by its own clock'), [9, 9, 9, 9], 'UTC')
  await baseline(await add('just enough'), [5, 5, 5, 0], 'New York')
  await baseline(await add('too few'), [4, 4, 100, 4], 'New York')
  await baseline(await add('too new'), [50, 0, 0, 0], 'New York')
  const disabled = await add('disabled')
  await baseline(disabled, [9, 9, 9, 9], 'New York')
  await setDisabled(owner, disabled, true)
  const canary = await add('canary')
  await baseline(canary, [9, 9, 9, 9], 'New York')
  await superuser.query('update leadlight.tenants set is_canary = true where tenant_id = $1', [canary])
  const yesterday = await add('yesterday')
  for (let i = 1; i <= 4; i++) await load(yesterday, nowMs - i * week - 24 * hour - 2 * hour, 9)

  t.equal(await look(nowMs), true)
  t.strictSame(await told(), { heard: false, silent: true, 'in UTC': true, 'just enough': true })
  t.match(await metrics.registry.metrics(), 'leadlight_tenants_expected 4\n')
  t.match(await metrics.registry.metrics(), 'leadlight_tenants_silent 3\n')
  t.match(
    await metrics.registry.metrics(),
    `leadlight_tenant_silence_last_success_timestamp_seconds ${nowMs / 1_000}\n`,
  )
})

t.test('who fell silent stays so through the night, until it is heard of or forgotten', async (t) => {
  const { add, load, look, told, superuser } = await start(t)
  const nowMs = now.getTime()
  for (const name of ['returns', 'leaves']) {
    const tenantId = await add(name, 'UTC')
    for (let i = 1; i <= 4; i++) await load(tenantId, nowMs - i * week - hour / 2, 20)
  }
  await look(nowMs)
  t.strictSame(await told(), { returns: true, leaves: true })
  await look(nowMs + 8 * hour)
  t.strictSame(await told(), { returns: true, leaves: true }, 'nobody is expected at this hour')
  const { rows } = await superuser.query("select tenant_id from leadlight.tenants where name = 'returns'")
  await load(rows[0].tenant_id, nowMs + 9 * hour, 1)
  await look(nowMs + 9 * hour + 60_000)
  t.strictSame(await told(), { leaves: true })
  await look(nowMs + 28 * 24 * hour + 60_000)
  t.strictSame(await told(), {})
})

t.test('one replica looks each minute, and none while the roll-up is behind', async (t) => {
  const { look, pool, superuser } = await start(t)
  const nowMs = now.getTime()
  t.strictSame((await Promise.all([look(nowMs), findSilence(pool, now)])).sort(), [false, true])
  t.equal(await look(nowMs + 30_000), false)
  t.equal(await look(nowMs + 60_000), true)
  await superuser.query(
    "insert into leadlight.touched_quarter_hours (touched_at, tenant_ids, quarters) values (now() - interval '2 minutes', '{}', '{}')",
  )
  t.equal(await look(nowMs + 120_000), false)
})
