// Every SQL query of every dashboard, asked as Grafana's login of the database that the real service filled.

import { globSync } from 'node:fs'
import { type Context, fillSql } from 'grafana/macros'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { dashboards, datasources, panelsOf, read, root } from './files.ts'
import { sqlGolden } from './golden.ts'
import { addQuarterHour, quarterAgo, quarterMs } from './quarter-hours.ts'
import { startService, type Tenant } from './service.ts'
import { makeVisits, traces } from './visits.ts'

t.setTimeout(120_000)

const start = quarterAgo(0, 1)
const service = await startService(t)
const tenants: Record<string, Tenant> = {}
for (const [name, visits] of Object.entries(makeVisits(start))) {
  const tenant = await service.addTenant(name)
  tenants[name] = tenant
  for (const visit of visits) await service.visit(tenant, visit)
}
const counted = async () => {
  const [{ visits } = {}] = await service.ask('select sum(sessions)::int as visits from dashboards.quarter_hours')
  return visits === 6
}
if (!(await waitFor(counted, { timeoutMs: 60_000 }))) throw new Error('the service does not count what came in')
// the same weekday of two weeks before, and another day, which says nothing
for (const [days, opened, opened_lead] of [
  [7, 10, 3],
  [14, 10, 5],
  [3, 10, 10],
] as const)
  await addQuarterHour(service.superuserUrl, tenants.Bolt?.tenant_id ?? '', quarterAgo(days, 1), {
    opened,
    opened_lead,
  })
const acme = tenants.Acme?.tenant_id ?? ''
const context: Context = {
  // no whole hour that is over lies in it: load times of those are right to 4 % only
  from: new Date(start.getTime() - 60_000),
  to: new Date(start.getTime() + quarterMs + 60_000),
  intervalSeconds: 900,
  variables: { tenant: acme },
}

/** Ids and times differ from run to run: told by what they are. */
function plain(value: unknown, column?: string): unknown {
  // what groups by time gives seconds since 1970
  if (column === 'time' && typeof value === 'string') return minutesAfter(new Date(Number(value) * 1_000))
  const [name] = Object.entries(tenants).find(([, { tenant_id }]) => tenant_id === value) ?? []
  if (name) return `id of ${name}`
  if (value instanceof Date) return value.getTime() === day.getTime() ? 'today' : minutesAfter(value)
  return value
}
const day = new Date(`${start.toISOString().slice(0, 10)}T00:00:00Z`)
const minutesAfter = (time: Date) => `${((time.getTime() - start.getTime()) / 60_000).toFixed(2)} min`

for (const [name, dashboard] of Object.entries(dashboards)) {
  for (const { title, targets = [] } of panelsOf(dashboard)) {
    const sql = targets.flatMap(({ rawSql }) => rawSql ?? [])
    if (sql.length === 0) continue
    t.test(`${name}: ${title}`, async (t) => {
      const golden = sqlGolden[name]?.[title]
      t.ok(golden?.length, 'there are golden rows')
      const answer = (await Promise.all(sql.map((each) => service.ask(fillSql(each, context))))).flat()
      t.strictSame(
        answer.map((row) => Object.entries(row).map(([column, value]) => plain(value, column))),
        golden,
      )
    })
  }
}

t.test('the variable lists the tenants by name', async (t) => {
  const [variable] = dashboards.tenant?.templating.list ?? []
  t.strictSame(await service.ask(fillSql(variable?.query ?? '', context)), [
    { __text: 'Acme', __value: acme },
    { __text: 'Bolt', __value: tenants.Bolt?.tenant_id },
  ])
})

t.test('a trace leads to the leads stored with it', async (t) => {
  const [correlation] = datasources.flatMap(({ correlations = [] }) =>
    correlations.filter(({ config }) => config.target.rawSql),
  )
  // Grafana puts the value of the clicked field in its place; `$$` is a dollar sign in provisioning
  const sql = correlation?.config.target.rawSql?.replace('$${traceID}', traces.second) ?? ''
  const rows = await service.ask(sql)
  t.match(rows, [{ tenant_name: 'Acme', type: 'lead_captured', page: '/roofing' }])
  t.equal(rows.length, 1)
  const quoted = /where trace_id = (.*)$/.exec(sql)?.[1]?.replace(traces.second, 'af7651916cd43dd8448eb211c80319c')
  t.strictSame(await service.ask(`select ${quoted} as id`), [{ id: '0af7651916cd43dd8448eb211c80319c' }])
})

t.test('the SQL of every runbook is answered to the same login', async (t) => {
  const queries = globSync('runbooks/*.md', { cwd: root }).flatMap((page) => [
    ...read(page).matchAll(/^```sql\n(.*?)^```$/gms),
  ])
  t.ok(queries.length)
  for (const [, sql = ''] of queries) await t.resolves(service.ask(sql), sql)
})

t.test('what is not a view, or not there, is refused', async (t) => {
  await t.rejects(service.ask('select 1 from leadlight.events'), /permission denied/)
  await t.rejects(service.ask('select 1 from dashboards.lead'), /does not exist/)
})

t.test('there are no golden rows for a panel that is gone', async (t) => {
  for (const [name, panels] of Object.entries(sqlGolden))
    for (const title of Object.keys(panels))
      t.ok(
        panelsOf(dashboards[name]!).some((panel) => panel.title === title),
        `${name}: ${title}`,
      )
})
