// How the upkeep of the store stands, asked from the database, so that a restart forgets nothing and every replica says the same.
import type pg from 'pg'
import type { Metrics } from './metrics.ts'

const askMs = 30_000

/** Keeps the gauges up to date until closed; while the database is away they keep their last value. */
export function watchUpkeep(db: pg.Pool, metrics: Metrics): { close(): void } {
  const ask = (): void => {
    readUpkeep(db).then(
      ({ daysAhead, oldestDays, retentionAt, rollupLag }) => {
        metrics.futurePartitions.set(daysAhead)
        metrics.oldestEventDays.set(oldestDays)
        metrics.retentionSuccess.set(retentionAt)
        metrics.rollupLag.set(rollupLag)
      },
      () => {},
    )
  }
  ask()
  const timer = setInterval(ask, askMs)
  return { close: () => clearInterval(timer) }
}

type Upkeep = {
  /** Whole days after today (UTC) whose partitions are there. */
  daysAhead: number
  /** Age of the oldest day that may hold events. */
  oldestDays: number
  /** When retention last did its work, in seconds since 1970; 0 when it never has. */
  retentionAt: number
  /** Age of the oldest change that is not counted yet, in seconds; 0 when there is none. */
  rollupLag: number
}

export async function readUpkeep(db: pg.Pool): Promise<Upkeep> {
  const { rows } = await db.query<Upkeep>(
    `with day as (
       select to_date(right(relname, 8), 'YYYYMMDD') - (now() at time zone 'UTC')::date as ahead
       from pg_inherits join pg_class on pg_class.oid = inhrelid
       where inhparent = 'leadlight.events'::regclass
     )
     select
       coalesce(max(ahead), -1) as "daysAhead",
       coalesce(-min(ahead), 0) as "oldestDays",
       coalesce((select extract(epoch from succeeded_at) from leadlight.jobs where name = 'retention'), 0)::float8 as "retentionAt",
       coalesce((select extract(epoch from now() - min(touched_at)) from leadlight.touched_quarter_hours), 0)::float8 as "rollupLag"
     from day`,
  )
  return rows[0]!
}
