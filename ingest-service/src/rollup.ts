// The roll-up: counts the quarter hours that stored or erased events have touched, from the events and sessions themselves.
import { eventTypes } from 'contract/events'
import { keptDays } from 'contract/limits'
import type pg from 'pg'
import { countedHistograms, countedTypes, histograms } from './analytics/histogram.ts'
import { countedSessions, type SessionNumber, sessionNumbers } from './analytics/session-numbers.ts'
import { inTransaction } from './database.ts'

/** The same number in every replica: one of them counts at a time, or an older count could replace a newer one. */
export const rollupLock = 7_231_003
/** Groups of events whose quarter hours are counted in one transaction. */
const maxGroups = 500
/** Quarter hours counted by one statement. */
const maxQuarters = 1_000
const dayMs = 86_400_000

/** An event may be this much later than its id says (a visitor's slow clock), and this much earlier (a fast one). */
export const latest = "interval '8 days'"
export const earliest = "interval '2 days'"
const quarter = "interval '15 minutes'"

const sessionColumns = Object.keys(sessionNumbers) as SessionNumber[]
const columns = [...eventTypes, ...histograms, ...sessionColumns]

/** Quarter hours before this may have lost the first of their events to retention; their counts stay as they are. */
export const oldestCountable = (now: Date): Date =>
  new Date(Math.floor(now.getTime() / dayMs) * dayMs - (keptDays - 7) * dayMs)

/**
 * Counts every quarter hour touched since the last time, none before `oldest`. What a killed run took is taken again by
 * the next one, whoever it is.
 * @returns how many were counted, or null when another process is at it
 */
export async function rollUp(db: pg.Pool, oldest: Date): Promise<number | null> {
  let counted = 0
  for (;;) {
    const groups = await inTransaction(db, 'isolation level read committed', async (client) => {
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [
        rollupLock,
      ])
      if (!rows[0]!.locked) return null
      const taken = await takeTouched(client, oldest)
      await forgetStretches(client, taken)
      for (const session of taken.changed) await forgetStretches(client, await quartersOf(client, session))
      // statements of their own: they see at least the events of all groups taken
      for (let first = 0; first < taken.tenantIds.length; first += maxQuarters)
        await countQuarters(
          client,
          taken.tenantIds.slice(first, first + maxQuarters),
          taken.quarters.slice(first, first + maxQuarters),
        )
      counted += taken.tenantIds.length
      return taken.groups
    })
    if (groups === null) return null
    if (groups < maxGroups) return counted
  }
}

type Quarters = { tenantIds: string[]; quarters: Date[] }
type Session = { tenantId: string; sessionId: string }
type Touched = Quarters & { groups: number; changed: Session[] }

/** In order of time, so that what is counted together lies together. */
async function takeTouched(client: pg.ClientBase, oldest: Date): Promise<Touched> {
  const { rows } = await client.query<Touched>(
    `with taken as (
       delete from leadlight.touched_quarter_hours
       where ctid = any(array(select ctid from leadlight.touched_quarter_hours limit ${maxGroups}))
       returning tenant_ids, quarters
     ), changed as (
       delete from leadlight.changed_sessions
       where ctid = any(array(select ctid from leadlight.changed_sessions limit ${maxGroups}))
       returning tenant_id, session_id
     ), pair as (
       select distinct tenant_id, quarter
       from taken, unnest(tenant_ids, quarters) as each (tenant_id, quarter)
       where quarter >= $1
     )
     select
       greatest((select count(*) from taken), (select count(*) from changed))::int as groups,
       coalesce(array_agg(tenant_id::text order by quarter, tenant_id), '{}') as "tenantIds",
       coalesce(array_agg(quarter order by quarter, tenant_id), '{}') as quarters,
       (select coalesce(jsonb_agg(jsonb_build_object('tenantId', tenant_id, 'sessionId', session_id)), '[]') from changed) as changed
     from pair`,
    [oldest],
  )
  return rows[0]!
}

/** The quarter hours of a session's events: an event is at most a day later than its session's id. */
async function quartersOf(client: pg.ClientBase, { tenantId, sessionId }: Session): Promise<Quarters> {
  const { rows } = await client.query<Quarters>(
    `select coalesce(array_agg($1), '{}') as "tenantIds", coalesce(array_agg(quarter), '{}') as quarters
     from (
       select distinct leadlight.quarter_of(occurred_at) as quarter from leadlight.events
       where tenant_id = $1 and session_id = $2
         and id >= leadlight.uuid_floor(uuid_extract_timestamp($2::uuid))
         and id < leadlight.uuid_floor(uuid_extract_timestamp($2::uuid) + interval '25 hours')
     ) as touched`,
    [tenantId, sessionId],
  )
  return rows[0]!
}

/** Stretches of which something is counted anew are not counted by segment until `stretches.ts` gets to them. */
async function forgetStretches(client: pg.ClientBase, { tenantIds, quarters }: Quarters): Promise<void> {
  await client.query(
    `delete from leadlight.segmented_stretches as stretch
     using unnest($1::uuid[], $2::timestamptz[]) as touched (tenant_id, quarter)
     where stretch.tenant_id = touched.tenant_id and stretch.starts <= touched.quarter and stretch.ends > touched.quarter`,
    [tenantIds, quarters],
  )
}

/** Writes the counts of quarter hours, each from the ranges of the keys that can hold what belongs to it. */
async function countQuarters(client: pg.ClientBase, tenantIds: string[], quarters: Date[]): Promise<void> {
  await client.query(
    `insert into leadlight.quarter_hours (tenant_id, quarter, ${columns})
     select touched.tenant_id, touched.quarter, ${columns}
     from unnest($1::uuid[], $2::timestamptz[]) as touched (tenant_id, quarter)
       -- not one of a tenant deleted meanwhile
       join leadlight.tenants using (tenant_id),
       lateral (
         select ${countedTypes}, ${countedHistograms}
         from (
           select type, properties from leadlight.events
           where tenant_id = touched.tenant_id
             and id >= leadlight.uuid_floor(touched.quarter) and id < leadlight.uuid_floor(touched.quarter + ${quarter})
             and occurred_at >= touched.quarter and occurred_at < touched.quarter + ${quarter}
             -- says nothing new, but lets the planner leave out all other days
             and id >= leadlight.uuid_floor($3) and id < leadlight.uuid_floor($4::timestamptz + ${quarter})
           union all
           select type, properties from leadlight.events
           where tenant_id = touched.tenant_id
             and leadlight.quarter_of(occurred_at) <> leadlight.quarter_of(uuid_extract_timestamp(id))
             and occurred_at >= touched.quarter and occurred_at < touched.quarter + ${quarter}
             and id >= leadlight.uuid_floor($3::timestamptz - ${latest}) and id < leadlight.uuid_floor($4::timestamptz + ${earliest})
         ) as event
       ) as events,
       lateral (
         select ${countedSessions(sessionColumns)} from leadlight.sessions
         where tenant_id = touched.tenant_id
           and session_id >= leadlight.uuid_floor(touched.quarter) and session_id < leadlight.uuid_floor(touched.quarter + ${quarter})
           and session_id >= leadlight.uuid_floor($3) and session_id < leadlight.uuid_floor($4::timestamptz + ${quarter})
       ) as sessions
     on conflict (tenant_id, quarter) do update set ${columns.map((name) => `${name} = excluded.${name}`)}`,
    [tenantIds, quarters, quarters[0], quarters.at(-1)],
  )
}
