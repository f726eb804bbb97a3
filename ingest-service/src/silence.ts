// Which tenants have fallen silent though their visitors were expected: from the roll-up, against each one's own weeks before.
import type pg from 'pg'
import { inTransaction } from './database.ts'
import type { Metrics } from './metrics.ts'
import { type Repeated, repeat } from './repeat.ts'

/** The same number in every replica: one of them looks at a time. */
const silenceLock = 7_231_004
/** One replica looks each minute, though every one of them asks. */
const lookMs = 60_000
const exportMs = 15_000
/** Counts older than this are no ground to call anyone silent. */
const maxLag = "interval '1 minute'"

/** Loads in the hour; fewer are too few to expect any. */
const fewestExpected = 5
const baselineWeeks = 4

/**
 * A tenant is expected when the same hour of the same weekday, by its own clock, had at least 5 loads in most of the four
 * weeks before, and silent when the last hour had none. It stays silent, through nights too, until it is heard of, disabled,
 * or forgotten by its baseline after four weeks.
 * @returns false when there was nothing to do: another replica has looked, or the roll-up is behind
 */
export async function findSilence(db: pg.Pool, now: Date): Promise<boolean> {
  return inTransaction(db, 'isolation level read committed', async (client) => {
    const { rows: locks } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_xact_lock(${silenceLock}) as locked`,
    )
    if (!locks[0]!.locked) return false
    // a statement of its own: it sees what whoever had the lock before has written
    const { rows } = await client.query<{ due: boolean }>(
      `select not exists (select 1 from leadlight.jobs where name = 'silence' and succeeded_at > $1::timestamptz - interval '55 seconds')
         and not exists (select 1 from leadlight.touched_quarter_hours where touched_at < now() - ${maxLag}) as due`,
      [now],
    )
    if (!rows[0]!.due) return false
    await client.query(
      `with hour as (
         select leadlight.quarter_of($1) as past
       ), tenant as (
         select tenant_id, time_zone from leadlight.tenants where disabled_at is null and not is_canary
       ), before as (
         select tenant_id, weeks, ((past at time zone time_zone) - weeks * interval '7 days') at time zone time_zone as past
         from tenant, hour, generate_series(1, ${baselineWeeks}) as weeks
       ), loads as (
         select before.tenant_id, weeks, coalesce(sum(widget_loaded), 0)::int as loads
         from before left join leadlight.quarter_hours as q
           on q.tenant_id = before.tenant_id and quarter >= before.past - interval '1 hour' and quarter < before.past
         group by 1, 2
       ), baseline as (
         -- the second smallest of four: one week that went wrong, or one that went well, changes nothing
         select tenant_id, percentile_disc(0.5) within group (order by loads) as expected_loads from loads group by 1
       ), found as (
         select tenant_id, expected_loads, not exists (
           select 1 from leadlight.quarter_hours as q
           where q.tenant_id = baseline.tenant_id and quarter >= (select past from hour) - interval '1 hour' and widget_loaded > 0
         ) as silent
         from baseline
       ), told as (
         select found.* from found left join leadlight.tenant_silence as known using (tenant_id)
         where found.expected_loads >= ${fewestExpected}
           or (found.silent and known.silent and known.since > $1 - interval '${baselineWeeks * 7} days')
       ), forgotten as (
         delete from leadlight.tenant_silence where tenant_id not in (select tenant_id from told)
       )
       insert into leadlight.tenant_silence as known (tenant_id, expected_loads, silent, since)
       select tenant_id, expected_loads, silent, $1 from told
       on conflict (tenant_id) do update set
         expected_loads = excluded.expected_loads,
         silent = excluded.silent,
         since = case when known.silent = excluded.silent then known.since else excluded.since end`,
      [now],
    )
    await client.query(
      `insert into leadlight.jobs (name, succeeded_at) values ('silence', $1)
       on conflict (name) do update set succeeded_at = excluded.succeeded_at`,
      [now],
    )
    return true
  })
}

/** Looks until closed. */
export const watchForSilence = (db: pg.Pool, failed: (error: Error) => void): Repeated =>
  repeat(lookMs / 4, () => findSilence(db, new Date()), failed)

/** Exports what was found, by whichever replica. */
export const exportSilence = (db: pg.Pool, metrics: Metrics): Repeated =>
  // while the database is away the gauges keep their last value
  repeat(
    exportMs,
    () => readSilence(db, metrics),
    () => {},
  )

export async function readSilence(db: pg.Pool, metrics: Metrics): Promise<void> {
  const { rows } = await db.query<{ tenant_id: string; silent: boolean }>(
    'select tenant_id, silent from leadlight.tenant_silence',
  )
  const { rows: looked } = await db.query<{ at: number }>(
    "select extract(epoch from succeeded_at)::float8 as at from leadlight.jobs where name = 'silence'",
  )
  metrics.tenantSilent.reset()
  for (const { tenant_id, silent } of rows) metrics.tenantSilent.set({ tenant_id }, silent ? 1 : 0)
  metrics.tenantsExpected.set(rows.length)
  metrics.tenantsSilent.set(rows.filter(({ silent }) => silent).length)
  metrics.silenceLooked.set(looked[0]?.at ?? 0)
}
