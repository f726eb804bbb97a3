import { uuid7 } from 'stack/uuid7'
import t, { type Test } from 'tap'
import { openPool, type Role } from '../src/database.ts'
import { deleteTenant, eraseSession } from '../src/erasure.ts'
import { exportEvents } from '../src/export.ts'
import { batch, type Service, startService } from './service.ts'

function poolAs(t: Test, { databaseUrl }: Service, role: Role) {
  const pool = openPool(databaseUrl, { role, size: 2, statementMs: 5_000, onError: () => {} })
  t.teardown(() => pool.end())
  return pool
}

const opened = (session_id: string, ms: number) => ({ id: uuid7(ms), type: 'widget_opened', session_id })

t.test('an erased session is gone, late copies stay out, neighbours stay in', async (t) => {
  const service = await startService(t)
  const { post, superuser, tenant, other } = service
  const now = Date.now()
  const session = uuid7(now - 1_000)
  const neighbour = uuid7(now - 1_000)
  const first = opened(session, now)
  await post(batch(tenant.site_key, [first, opened(session, now), opened(neighbour, now)]))
  await post(batch(other.site_key, [first]))

  t.equal(await eraseSession(poolAs(t, service, 'leadlight_eraser'), tenant.tenant_id, session), 2)
  const late = await post(batch(tenant.site_key, [first, opened(session, now), opened(neighbour, now)]))
  t.match(late.body, { accepted: 1, duplicates: 0, ignored: 2, rejected: [] })
  const { rows } = await superuser.query(
    'select tenant_id, session_id, count(*)::int as n from leadlight.events group by 1, 2 order by 1, 3',
  )
  t.strictSame(rows, [
    { tenant_id: tenant.tenant_id, session_id: neighbour, n: 2 },
    { tenant_id: other.tenant_id, session_id: session, n: 1 },
  ])
  t.strictSame(
    (
      await superuser.query('select 1 from leadlight.sessions where tenant_id = $1 and session_id = $2', [
        tenant.tenant_id,
        session,
      ])
    ).rows,
    [],
  )
})

t.test('erasing while the same session is being written leaves nothing behind', async (t) => {
  const service = await startService(t)
  const eraser = poolAs(t, service, 'leadlight_eraser')
  const now = Date.now()
  for (let round = 0; round < 10; round++) {
    const session = uuid7(now - 1_000)
    const posts = Array.from({ length: 20 }, () => service.post(batch(service.tenant.site_key, [opened(session, now)])))
    await Promise.all([...posts, eraseSession(eraser, service.tenant.tenant_id, session)])
  }
  t.strictSame((await service.superuser.query('select 1 from leadlight.events')).rows, [])
  t.strictSame((await service.superuser.query('select 1 from leadlight.sessions')).rows, [])
})

t.test('a deleted tenant leaves nothing behind, and its neighbour everything', async (t) => {
  const service = await startService(t)
  const { post, superuser, tenant, other } = service
  for (const { site_key } of [tenant, other])
    await post(batch(site_key, [opened(uuid7(Date.now() - 1_000), Date.now())]))
  const eraser = poolAs(t, service, 'leadlight_eraser')
  t.equal(await deleteTenant(eraser, tenant.tenant_id, 0), true)
  t.equal(await deleteTenant(eraser, tenant.tenant_id, 0), false)
  for (const table of ['events', 'sessions', 'site_keys', 'read_tokens', 'origins', 'tenants']) {
    const { rows } = await superuser.query(`select distinct tenant_id from leadlight.${table}`)
    t.strictSame(rows, [{ tenant_id: other.tenant_id }], table)
  }
})

t.test("an export holds the tenant's events of these days, oldest first, and no others", async (t) => {
  const service = await startService(t)
  const now = Date.now()
  const events = Array.from({ length: 250 }, (_, i) => opened(uuid7(now - 90_000), now - 60_000 + i))
  for (let i = 0; i < events.length; i += 100)
    await service.post(batch(service.tenant.site_key, events.slice(i, i + 100)))
  await service.post(batch(service.other.site_key, [opened(uuid7(now - 1_000), now)]))
  const reader = poolAs(t, service, 'leadlight_reader')
  const read = async (from: string, to: string) => {
    let text = ''
    const source = { tenantId: service.tenant.tenant_id, timeZone: 'Europe/Vienna' }
    const count = await exportEvents(reader, source, { from, to }, async (lines) => {
      text += lines
    })
    return {
      count,
      ids: text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id),
    }
  }
  const day = (offset: number) => new Date(now + offset * 86_400_000).toISOString().slice(0, 10)
  t.strictSame(await read(day(-1), day(1)), { count: 250, ids: events.map((event) => event.id) })
  t.strictSame(await read(day(-5), day(-3)), { count: 0, ids: [] })
})
