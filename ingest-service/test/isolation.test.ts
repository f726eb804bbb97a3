import pg from 'pg'
import t from 'tap'
import { asTenant, openPool } from '../src/database.ts'
import { batch, startService, uuid7 } from './service.ts'

t.test('the reader sees the tenant it is told and nothing without one', async (t) => {
  const { post, databaseUrl, tenant, other, countUp } = await startService(t)
  const now = Date.now()
  for (const { site_key } of [tenant, other]) {
    await post(batch(site_key, [{ id: uuid7(now), type: 'widget_opened', session_id: uuid7(now - 1) }]))
  }
  const reader = openPool(databaseUrl, { role: 'leadlight_reader', size: 1, statementMs: 2_000, onError: () => {} })
  t.teardown(() => reader.end())
  await countUp()
  for (const table of ['leadlight.events', 'leadlight.sessions', 'leadlight.quarter_hours']) {
    const tenants = await asTenant(reader, tenant.tenant_id, (client) => client.query(`select tenant_id from ${table}`))
    t.strictSame(tenants.rows, [{ tenant_id: tenant.tenant_id }], table)
    t.strictSame((await reader.query(`select 1 from ${table}`)).rows, [], `${table} on the same connection afterwards`)
  }
  const partition = `leadlight.events_${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}`
  await t.rejects(reader.query(`select 1 from ${partition}`), { code: '42501' }, 'a partition is not readable')
  await t.rejects(reader.query('select 1 from leadlight.site_keys'), { code: '42501' })
  await t.rejects(reader.query('update leadlight.sessions set messages = 0'), { code: '42501' })
})

t.test('the writer cannot read what it stores, dashboards see views only', async (t) => {
  const { post, databaseUrl, tenant, countUp } = await startService(t)
  const now = Date.now()
  await post(
    batch(tenant.site_key, [
      { id: uuid7(now), type: 'lead_captured', session_id: uuid7(now - 1), properties: { contact: 'form' } },
    ]),
  )
  const writer = openPool(databaseUrl, { role: 'leadlight_ingest', size: 1, statementMs: 2_000, onError: () => {} })
  t.teardown(() => writer.end())
  await t.rejects(writer.query('select properties from leadlight.events'), { code: '42501' })
  await t.rejects(writer.query('delete from leadlight.events'), { code: '42501' })
  await countUp()
  const dashboards = new pg.Client({ connectionString: databaseUrl, options: '-c role=leadlight_dashboards' })
  await dashboards.connect()
  t.teardown(() => dashboards.end())
  const { rows } = await dashboards.query('select tenant_name, type, trace_id from dashboards.leads')
  t.strictSame(rows, [{ tenant_name: 'Acme', type: 'lead_captured', trace_id: null }])
  t.match((await dashboards.query('select lead from dashboards.funnel_hourly')).rows, [{ lead: '0' }])
  t.match((await dashboards.query('select events from dashboards.events_hourly')).rows, [{ events: '1' }])
  await t.rejects(dashboards.query('select 1 from leadlight.events'), { code: '42501' })
})
