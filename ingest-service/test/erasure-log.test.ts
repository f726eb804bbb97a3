import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { logErasure, readErasures } from '../src/erasure-log.ts'
import { leadlight } from './program.ts'
import { batch, startService } from './service.ts'

t.test('what was erased is erased again after a restore', async (t) => {
  const { post, superuser, databaseUrl, tenant, other } = await startService(t)
  const log = `${t.testdir()}/erasures.ndjson`
  const run = (...args: string[]) => leadlight({ DATABASE_URL: databaseUrl, ERASURE_LOG: log }, ...args)
  const erased = uuid7(Date.now() - 1_000)
  const kept = uuid7(Date.now() - 1_000)
  for (const session_id of [erased, kept])
    await post(batch(tenant.site_key, [{ id: uuid7(Date.now()), type: 'widget_opened', session_id }]))
  const sessions = async () =>
    (await superuser.query('select session_id from leadlight.events order by 1')).rows.map((row) => row.session_id)
  await superuser.query('create table backup as select * from leadlight.events')

  t.match(run('erase-session', tenant.tenant_id, erased), { status: 0, stderr: '' })
  t.strictSame(await sessions(), [kept])
  t.match(run('tenant', 'delete', other.tenant_id), { status: 0 })

  // the backup is older than the erasures
  await superuser.query('delete from leadlight.erased_sessions')
  await superuser.query('delete from leadlight.events')
  await superuser.query('insert into leadlight.events select * from backup')
  await superuser.query("insert into leadlight.tenants (tenant_id, name, time_zone) values ($1, 'Bolt', 'UTC')", [
    other.tenant_id,
  ])
  const finding = () => JSON.parse(run('doctor', '--json').stdout).find(({ check }: any) => check === 'erasures')
  t.match(finding(), { state: 'failed', detail: /leadlight erasures reapply/ })
  t.match(JSON.parse(run('erasures', 'reapply', '--json').stdout), { sessions: 1, events: 1, tenants: 1 })
  t.strictSame(await sessions(), [kept])
  t.match((await superuser.query('select tenant_id from leadlight.tenants')).rows, [{ tenant_id: tenant.tenant_id }])
  t.match(finding(), { state: 'ok' })
  t.match(
    JSON.parse(run('erasures', 'reapply', '--json').stdout),
    { events: 0, tenants: 0 },
    'and once more does no harm',
  )
})

t.test('an erasure that cannot be logged is not begun, one without a log says so', async (t) => {
  const { databaseUrl, superuser, tenant } = await startService(t)
  const session = uuid7(Date.now())
  const base = { DATABASE_URL: databaseUrl, LEADLIGHT_DATA: '/nowhere' }
  const run = (env: Record<string, string>) =>
    leadlight({ ...base, ...env }, 'erase-session', tenant.tenant_id, session)
  t.match(run({ ERASURE_LOG: '/nowhere/erasures.ndjson' }), { status: 1, stderr: /\/nowhere\/erasures.ndjson/ })
  t.strictSame((await superuser.query('select 1 from leadlight.erased_sessions')).rows, [])
  t.match(run({}), { status: 0, stderr: /set ERASURE_LOG/ })
})

t.test('a torn last line is no erasure, any other is named', async (t) => {
  const file = `${t.testdir()}/erasures.ndjson`
  t.strictSame(await readErasures(file), [])
  await logErasure(file, 'tenant', 'session')
  await logErasure(file, 'tenant', null)
  appendFileSync(file, '{"tenant_id":"te')
  t.match(await readErasures(file), [{ session_id: 'session' }, { session_id: null }])
  writeFileSync(file, `{"tenant_id":"te\n${readFileSync(file, 'utf8')}`)
  await t.rejects(readErasures(file), { message: /erasures.ndjson:1 is no erasure/ })
})
