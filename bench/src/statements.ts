// Sends visits straight to the database, without the service: the bound that it is held against. A process by itself.

import { commitRows } from 'ingest-service/commit'
import { openPool } from 'ingest-service/database'
import type { Row } from 'ingest-service/writer'
import type pg from 'pg'
import type { Tenant } from './database.ts'
import { type Load, runLoad } from './job.ts'
import { insertEvents } from './plain-insert.ts'
import { makeVisit, rowOf } from './visits.ts'

/** `store` is the service's own statement, `insert` the baseline's. */
export type SqlJob = Load & { url: string; tenants: Tenant[]; statement: 'store' | 'insert' }

const job = JSON.parse(process.argv[2] ?? '') as SqlJob
const store = async (pool: pg.Pool, rows: Row[]): Promise<number> =>
  (await commitRows(pool, rows)).filter((outcome) => outcome === 'accepted').length
const insert = async (pool: pg.Pool, rows: Row[]): Promise<number> => (await insertEvents(pool, rows)).size
const run = { store, insert }[job.statement]

await runLoad(job, async (connection) => {
  const groups = makeGroups(connection)
  const pool = openPool(job.url, { role: 'leadlight_ingest', size: 1, statementMs: 10_000, onError: () => {} })
  await pool.query('select 1')
  return {
    close: () => pool.end(),
    next: () => {
      const rows = groups.pop()
      return (
        rows &&
        (async () => {
          const stored = await run(pool, rows)
          if (stored !== rows.length) throw new Error(`Only ${stored} of ${rows.length} rows were stored`)
          return stored
        })
      )
    },
  }
})

function makeGroups(connection: number): Row[][] {
  const count = Math.ceil(job.maxCalls / job.connections)
  const nowMs = Date.now()
  let visits = 0
  const makeGroup = (): Row[] => {
    const rows: Row[] = []
    while (rows.length < job.eventsPerCall) {
      const { tenantId } = job.tenants[(connection + visits++) % job.tenants.length]!
      rows.push(...makeVisit(nowMs).map((event) => rowOf(event, tenantId, nowMs)))
    }
    return rows.slice(0, job.eventsPerCall)
  }
  return Array.from({ length: count }, makeGroup)
}
