import { readFileSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import { dashboardsLogin, renewDashboardsLogin } from '../src/dashboards-login.ts'
import { query } from '../src/postgres.ts'
import { cloneDatabase } from '../src/test-database.ts'

t.test("Grafana's login reads views for a while, writes nothing, and is the same in containers", async (t) => {
  const { url } = await cloneDatabase(t)
  t.teardown(() => query(url, `drop role ${dashboardsLogin}`))
  const login = new URL(url)
  login.username = dashboardsLogin
  await renewDashboardsLogin(url)
  login.password = await renewDashboardsLogin(url)
  const client = new pg.Client({ connectionString: login.href })
  await client.connect()
  t.teardown(() => client.end())
  t.strictSame((await client.query('select * from dashboards.leads')).rows, [])
  await t.rejects(client.query('create temporary table x (y int)'), { code: '25006' })
  const { rows } = await client.query('select rolconnlimit, rolconfig from pg_roles where rolname = current_user')
  const limits = ['statement_timeout=10s', 'default_transaction_read_only=on', 'max_parallel_workers_per_gather=0']
  t.strictSame(rows, [{ rolconnlimit: 5, rolconfig: limits }])

  const inContainers = readFileSync(new URL('../../postgres/logins.sql', import.meta.url), 'utf8')
  t.match(inContainers, new RegExp(`create role ${dashboardsLogin} .*connection limit 5`))
  const settings = [...inContainers.matchAll(new RegExp(`alter role ${dashboardsLogin} set (\\w+) = '?(\\w+)'?;`, 'g'))]
  t.strictSame(
    settings.map(([, name, value]) => `${name}=${value}`),
    limits,
  )
})
