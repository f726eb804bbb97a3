// Dashboards and provisioning: complete, consistent with each other, and asking only what the database answers to Grafana's login.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { query } from 'stack/postgres'
import { cloneDatabase } from 'stack/test-database'
import t from 'tap'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')

type Target = { expr?: string; rawSql?: string; datasource: { type: string; uid: string } }
type Panel = {
  id: number
  type: string
  title: string
  description?: string
  targets?: Target[]
  fieldConfig?: { defaults: { unit?: string }; overrides: { properties: { id: string; value: { url: string }[] }[] }[] }
}
type Correlation = {
  targetUID: string
  label: string
  description: string
  config: { type: string; target: { rawSql?: string } }
}
const panels: Panel[] = globSync('grafana/dashboards/*.json', { cwd: root }).flatMap(
  (file) => JSON.parse(read(file)).panels,
)
const shown = panels.filter(({ type }) => type !== 'row')
const { datasources } = parse(read('grafana/provisioning/datasources/leadlight.yaml')) as {
  datasources: { uid: string; type: string; correlations?: Correlation[] }[]
}
const { groups } = parse(read('grafana/provisioning/alerting/rules.yaml'))
const [rule] = groups[0].rules
const ruleSql: string = rule.data[0].model.rawSql

t.test('the written dashboards are what the sources make', async (t) => {
  await t.resolves(promisify(execFile)(process.execPath, [`${root}/grafana/src/generate.ts`, '--check']))
})

t.test('every panel says what it shows, in which unit, and has a number of its own', async (t) => {
  t.ok(shown.length)
  for (const { title, description, fieldConfig } of shown) {
    t.ok(description, `${title}: description`)
    t.ok(fieldConfig?.defaults.unit, `${title}: unit`)
  }
  const ids = panels.map(({ id }) => id)
  t.strictSame(ids, [...new Set(ids)].filter(Number.isInteger))
})

t.test('every query goes to a provisioned data source of its type', async (t) => {
  const known = new Map(datasources.map(({ uid, type }) => [uid, type]))
  t.strictSame([...known.keys()], ['prometheus', 'traces', 'postgres', 'alertmanager'])
  for (const { datasource } of shown.flatMap(({ targets = [] }) => targets))
    t.equal(known.get(datasource.uid), datasource.type)
})

t.test('every way between data sources is complete: one without a description ends Grafana at its start', async (t) => {
  const correlations = datasources.flatMap(({ correlations = [] }) => correlations)
  t.ok(correlations.length)
  for (const { targetUID, label, description, config } of correlations) {
    t.ok(datasources.some(({ uid }) => uid === targetUID))
    t.ok(label && description)
    t.equal(config.type, 'query')
  }
})

t.test('no folder has both rules and dashboards: Grafana would make it twice', async (t) => {
  const { providers } = parse(read('grafana/provisioning/dashboards/leadlight.yaml')) as {
    providers: { folder: string }[]
  }
  const taken = providers.map(({ folder }) => folder)
  t.ok(taken.length)
  for (const { folder } of groups) t.notOk(taken.includes(folder), folder)
})

t.test('who starts Grafana sets every variable of the provisioning', async (t) => {
  const text = globSync('grafana/provisioning/*/*.yaml', { cwd: root }).map(read).join()
  const variables = new Set([...text.matchAll(/(?<!\$)\$([A-Z_]+)/g)].map(([, name = '']) => name))
  t.ok(variables.size)
  const { services } = parse(read('docker-compose.yml'), { merge: true })
  const native = globSync('stack/src/*.ts', { cwd: root }).map(read).join()
  for (const name of variables) {
    t.ok(name in services.grafana.environment, `compose sets ${name}`)
    t.match(native, `${name}:`, `the stack sets ${name}`)
  }
})

t.test('a lead leads to its trace in the trace store', async (t) => {
  const links = shown.flatMap(({ fieldConfig }) =>
    (fieldConfig?.overrides ?? []).flatMap(({ properties }) => properties.filter(({ id }) => id === 'links')),
  )
  const { searchParams, pathname } = new URL(
    links[0]?.value[0]?.url.replace(/\$\{__value\.raw\}/, 'abc') ?? '',
    'http://grafana',
  )
  t.equal(pathname, '/explore')
  t.match(JSON.parse(searchParams.get('panes') ?? ''), {
    trace: { datasource: 'traces', queries: [{ queryType: 'traceql', query: 'abc', datasource: { uid: 'traces' } }] },
  })
})

t.test('Grafana’s login may ask every SQL query there is, and they name what exists', async (t) => {
  const { url } = await cloneDatabase(t)
  const pages = globSync('runbooks/*.md', { cwd: root }).flatMap((page) => [
    ...read(page).matchAll(/^```sql\n(.*?)^```$/gms),
  ])
  const queries = [
    ...shown.flatMap(({ targets = [] }) => targets.flatMap(({ rawSql }) => rawSql ?? [])),
    ...datasources.flatMap(({ correlations = [] }) => correlations.flatMap(({ config }) => config.target.rawSql ?? [])),
    ...pages.map(([, sql = '']) => sql),
    ruleSql,
  ]
  t.ok(queries.length > 6)
  for (const sql of queries) {
    const filled = sql.replace(/\$__timeFilter\((\w+)\)/g, "$1 between now() - interval '6 hours' and now()")
    await t.resolves(query(url, `set role leadlight_dashboards; ${filled}`), sql)
  }
  await t.rejects(
    query(url, 'set role leadlight_dashboards; select 1 from dashboards.lead'),
    'and a wrong name is noticed',
  )
  await t.rejects(query(url, 'set role leadlight_dashboards; select 1 from leadlight.events'), 'tables are not theirs')
})

t.test('the alert on leads compares a day with the week before, and is quiet where chance decides', async (t) => {
  const { superuserUrl: url } = await cloneDatabase(t)
  // every day there is takes its rows; nothing but the times of the steps matters
  await query(url, 'create table leadlight.sessions_any partition of leadlight.sessions default')
  const [tenant] = (
    await query(url, "insert into leadlight.tenants (name, time_zone) values ('a', 'UTC') returning tenant_id")
  ).rows
  const add = (sessions: number, leads: number, daysAgo: number) =>
    query(
      url,
      `insert into leadlight.sessions (tenant_id, session_id, loaded_at, opened_at, message_at, estimate_at, lead_at)
       select '${tenant.tenant_id}', uuidv7(- interval '${daysAgo} days' - interval '2 hours'), now(), now(), now(), now(), case when n <= ${leads} then now() end
       from generate_series(1, ${sessions}) as n`,
    )
  const fires = async () => {
    const { rows } = await query(url, ruleSql)
    t.equal(rows.length, 1)
    return rows[0].rate < rule.data[1].model.conditions[0].evaluator.params[0]
  }
  t.notOk(await fires(), 'nothing at all')
  await add(1_000, 100, 3)
  t.notOk(await fires(), 'a quiet day after a normal week')
  await add(150, 0, 0)
  t.notOk(await fires(), 'no lead among 150 opened widgets')
  await add(50, 11, 0)
  t.notOk(await fires(), '11 of 200 after 100 of 1,000 is just above half')
  await add(40, 0, 0)
  t.ok(await fires(), '11 of 240 is below half')
  await add(200, 40, 0)
  t.notOk(await fires(), 'and it ends when leads come again')
})
