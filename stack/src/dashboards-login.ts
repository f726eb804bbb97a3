// The login with which Grafana reads the views: few connections, short questions, nothing to write. postgres/logins.sql makes the same.
import { randomBytes } from 'node:crypto'
import { query } from './postgres.ts'

export const dashboardsLogin = 'leadlight_grafana'

const settings = {
  statement_timeout: '10s',
  default_transaction_read_only: 'on',
  // one question, one process: the others are for ingestion (`npm run bench -- dashboards`)
  max_parallel_workers_per_gather: '0',
}

/** Makes it on the server of this database, or gives it a new password. @returns the password, so that none has to be kept */
export async function renewDashboardsLogin(url: string): Promise<string> {
  const password = randomBytes(18).toString('base64url')
  const { rowCount } = await query(url, `select from pg_roles where rolname = '${dashboardsLogin}'`)
  const verb = rowCount ? 'alter' : 'create'
  await query(url, `${verb} role ${dashboardsLogin} login password '${password}' connection limit 5`)
  for (const [name, value] of Object.entries(settings))
    await query(url, `alter role ${dashboardsLogin} set ${name} = '${value}'`)
  await query(url, `grant leadlight_dashboards to ${dashboardsLogin}`)
  return password
}
