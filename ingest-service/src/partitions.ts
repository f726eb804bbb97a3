// Day partitions of events and sessions, made ahead of time.
import type pg from 'pg'

const dayMs = 86_400_000
/** Events may be 7 days old and their session a day older; one more day for clocks. */
const daysBack = 9
/** Days that are there before they are needed. */
const daysAhead = 7

/**
 * Makes the day partitions (UTC) around `now` that are missing. CREATE then ATTACH, because CREATE … PARTITION OF waits
 * behind every open query and all inserts queue behind it.
 */
export async function ensurePartitions(client: pg.ClientBase, now: Date): Promise<void> {
  const today = Math.floor(now.getTime() / dayMs) * dayMs
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent in ('leadlight.events'::regclass, 'leadlight.sessions'::regclass)`,
  )
  const existing = new Set(rows.map((row) => row.name))
  for (let offset = -daysBack; offset <= daysAhead; offset++) {
    const from = new Date(today + offset * dayMs).toISOString()
    const to = new Date(today + (offset + 1) * dayMs).toISOString()
    for (const table of ['events', 'sessions']) {
      const partition = `${table}_${from.slice(0, 10).replaceAll('-', '')}`
      if (existing.has(partition)) continue
      const bounds = await client.query<{ low: string; high: string }>(
        'select leadlight.uuid_floor($1) as low, leadlight.uuid_floor($2) as high',
        [from, to],
      )
      const { low, high } = bounds.rows[0]!
      // names and bounds are made of our own digits; DDL takes no parameters
      await client.query(`create table if not exists leadlight.${partition} (like leadlight.${table} including all)`)
      await client.query(
        `alter table leadlight.${table} attach partition leadlight.${partition} for values from ('${low}') to ('${high}')`,
      )
    }
  }
}
