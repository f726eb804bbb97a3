// Day partitions of events and sessions, made ahead of time.
import type pg from 'pg'

const dayMs = 86_400_000
/** Events may be 7 days old and their session a day older; one more day for clocks. */
const daysBack = 9
/** Days that are there before they are needed. */
const daysAhead = 7

/** The same number in every replica: two that make the same day would both think it missing. */
const partitionsLock = 7_231_006

type Partition = { table: 'events' | 'sessions'; name: string; from: string; to: string }

/**
 * Makes the day partitions (UTC) around `now` that are missing. CREATE then ATTACH, because CREATE … PARTITION OF waits
 * behind every open query and all inserts queue behind it. Killed in between, the next run attaches what was created.
 */
export async function ensurePartitions(client: pg.ClientBase, now: Date): Promise<void> {
  if ((await listMissing(client, now)).length === 0) return
  await client.query('select pg_advisory_lock($1)', [partitionsLock])
  try {
    // another process may have made them while this one waited
    for (const { table, name, from, to } of await listMissing(client, now)) {
      const bounds = await client.query<{ low: string; high: string }>(
        'select leadlight.uuid_floor($1) as low, leadlight.uuid_floor($2) as high',
        [from, to],
      )
      const { low, high } = bounds.rows[0]!
      // names and bounds are made of our own digits; DDL takes no parameters
      await client.query(`create table if not exists leadlight.${name} (like leadlight.${table} including all)`)
      await client.query(
        `alter table leadlight.${table} attach partition leadlight.${name} for values from ('${low}') to ('${high}')`,
      )
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [partitionsLock])
  }
}

async function listMissing(client: pg.ClientBase, now: Date): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent in ('leadlight.events'::regclass, 'leadlight.sessions'::regclass)`,
  )
  const existing = new Set(rows.map((row) => row.name))
  const today = Math.floor(now.getTime() / dayMs) * dayMs
  const startOf = (offset: number): string => new Date(today + offset * dayMs).toISOString()
  return Array.from({ length: daysBack + 1 + daysAhead }, (_, i) => i - daysBack)
    .flatMap((offset) =>
      (['events', 'sessions'] as const).map((table) => ({
        table,
        name: `${table}_${startOf(offset).slice(0, 10).replaceAll('-', '')}`,
        from: startOf(offset),
        to: startOf(offset + 1),
      })),
    )
    .filter(({ name }) => !existing.has(name))
}
