// What an hour without us would cost: visitors, leads and tenants that the same hour of the weeks before had. An estimate, for the
// text of a page, exported while all is well so that it is known when it is not.
import type pg from 'pg'
import type { Metrics } from './metrics.ts'
import { type Repeated, repeat } from './repeat.ts'

const askMs = 60_000
const baselineWeeks = 4

export type Expected = { visitors: number; leads: number; tenants: number }

/** Of the whole fleet; the canary's tenant is nobody's. */
export async function readExpected(db: pg.Pool, now: Date): Promise<Expected> {
  const { rows } = await db.query<Expected>(
    `with tenant as (
       select tenant_id from leadlight.tenants where disabled_at is null and not is_canary
     ), week as (
       select $1::timestamptz - weeks * interval '7 days' as past from generate_series(1, ${baselineWeeks}) as weeks
     ), hour as (
       select past, tenant_id, sum(sessions) as sessions, sum(lead_captured) as leads
       from week cross join tenant join leadlight.quarter_hours using (tenant_id)
       where quarter >= past - interval '30 minutes' and quarter < past + interval '30 minutes'
       group by 1, 2
     ), total as (
       select past, sum(sessions) as sessions, sum(leads) as leads, count(*) filter (where sessions > 0) as tenants
       from hour group by 1
     )
     -- weeks without anything count as well: a young installation expects little
     select
       (coalesce(sum(sessions), 0) / ${baselineWeeks})::float8 as visitors,
       (coalesce(sum(leads), 0) / ${baselineWeeks})::float8 as leads,
       (coalesce(sum(tenants), 0) / ${baselineWeeks})::float8 as tenants
     from total`,
    [now],
  )
  return rows[0]!
}

/** Exports it until closed; while the database is away the gauges keep their last value. */
export const exportExpected = (db: pg.Pool, metrics: Metrics): Repeated =>
  repeat(
    askMs,
    async () => {
      const { visitors, leads, tenants } = await readExpected(db, new Date())
      metrics.expectedVisitors.set(visitors)
      metrics.expectedLeads.set(leads)
      metrics.expectedTenants.set(tenants)
    },
    () => {},
  )
