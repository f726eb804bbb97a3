// Counts the past of each tenant by segment of its visits (device, source and landing page): whole days, and hours of today.
import { eventTypes, leadTypes } from 'contract/events'
import type pg from 'pg'
import { countedHistogram, countedHistograms, countedType, countedTypes, histograms } from './analytics/histogram.ts'
import { countedSessions, type SessionNumber, sessionNumbers } from './analytics/session-numbers.ts'
import { inTransaction } from './database.ts'
import { earliest, latest, rollupLock } from './rollup.ts'

const dayMs = 86_400_000
/** Just after midnight, or the full hour, the last visits of before still come in. */
const closedAfter = "interval '15 minutes'"
/** Counted by one statement: this much in all, beginning within a day so that few partitions are read. */
const mostCountedMs = 5 * dayMs
/** Stretches found at one time. */
const maxFound = 10_000

const eventColumns = [...eventTypes, ...histograms, 'failed_leads']
const sessionColumns = Object.keys(sessionNumbers) as SessionNumber[]
const columns = [...eventColumns, ...sessionColumns]
const segment = ['device', 'source', 'page']

type Stretch = { tenant_id: string; starts: Date; ends: Date }

/**
 * Counts every day that is over, and every hour that is over of one that is not, which begins at `oldest` or later and is
 * not counted: newest first, so that a new time zone is answered quickly where most is asked. After `mostMs` it leaves the
 * rest for the next time: the roll-up, whose lock each statement takes, has its turn.
 * @returns how many were counted, or null when another process is at it
 */
export async function countStretches(
  db: pg.Pool,
  now: Date,
  oldest: Date,
  mostMs = Number.POSITIVE_INFINITY,
): Promise<number | null> {
  const startedMs = performance.now()
  const stretches = await findUncounted(db, now, oldest)
  let first = 0
  while (first < stretches.length && performance.now() - startedMs < mostMs) {
    const together = takeTogether(stretches, first)
    const counted = await inTransaction(db, 'isolation level read committed', async (client) => {
      // the roll-up's own lock: a stretch is never put in while something that happened in it takes it out
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [
        rollupLock,
      ])
      if (rows[0]!.locked) await countTogether(client, together)
      return rows[0]!.locked
    })
    if (!counted) return null
    first += together.length
  }
  return first
}

/** Hours give way to their day once it is over: 15 minutes after midnight. */
async function findUncounted(db: pg.Pool, now: Date, oldest: Date): Promise<Stretch[]> {
  const { rows } = await db.query<Stretch>(
    `select tenant_id, stretch.starts, stretch.ends
     from leadlight.tenants,
       lateral generate_series(($2 at time zone time_zone)::date + 1, ($1 at time zone time_zone)::date, '1 day') as date,
       lateral (select date::timestamp at time zone time_zone as starts, (date::date + 1)::timestamp at time zone time_zone as ends) as day,
       lateral (
         select day.starts, day.ends where day.ends <= $1::timestamptz - ${closedAfter}
         union all
         select hour, least(hour + interval '1 hour', day.ends)
         from generate_series(day.starts, least(day.ends, $1) - interval '1 microsecond', '1 hour') as hour
         where day.ends > $1::timestamptz - ${closedAfter}
       ) as stretch
     where stretch.ends <= $1::timestamptz - ${closedAfter}
       and (tenant_id, stretch.starts, stretch.ends) not in (select tenant_id, starts, ends from leadlight.segmented_stretches)
     order by starts desc, tenant_id
     limit ${maxFound}`,
    [now, oldest],
  )
  return rows
}

/** Those from `first` on that one statement counts. */
function takeTogether(stretches: Stretch[], first: number): Stretch[] {
  const soonest = stretches[first]!.starts.getTime() - dayMs
  let countedMs = 0
  let past = first
  while (past < stretches.length && stretches[past]!.starts.getTime() > soonest) {
    countedMs += stretches[past]!.ends.getTime() - stretches[past]!.starts.getTime()
    if (countedMs > mostCountedMs) break
    past++
  }
  return stretches.slice(first, past)
}

async function countTogether(client: pg.ClientBase, stretches: Stretch[]): Promise<void> {
  const values = [
    stretches.map(({ tenant_id }) => tenant_id),
    stretches.map(({ starts }) => starts),
    stretches.map(({ ends }) => ends),
  ]
  const given = 'unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as stretch (tenant_id, starts, ends)'
  // the hours of a day that is over, and stretches by another time zone's midnights
  await client.query(
    `delete from leadlight.segmented_stretches as other using ${given}
     where other.tenant_id = stretch.tenant_id and other.starts < stretch.ends and other.ends > stretch.starts`,
    values,
  )
  const first = stretches.reduce((min, { starts }) => (starts < min ? starts : min), stretches[0]!.starts)
  const past = stretches.reduce((max, { ends }) => (ends > max ? ends : max), stretches[0]!.ends)
  const isLead = `type in (${leadTypes.map((type) => `'${type}'`)})`
  const ofEvent =
    'id, type, trace_id, widget_version, properties, occurred_at, device, source, session.page, loaded_at, error_at'
  const zeros = (names: readonly string[]) => names.map((name) => `0 as ${name}`).join(', ')
  const sums = (names: readonly string[]) => names.map((name) => `sum(${name}) as ${name}`).join(', ')
  await client.query(
    `with stretch as (
       -- not one of a tenant deleted meanwhile
       select stretch.* from ${given} join leadlight.tenants using (tenant_id)
     ), event as materialized (
       select tenant_id, starts, event.*,
         starts + floor(extract(epoch from occurred_at - starts) / 3600) * interval '1 hour' as hour
       from stretch, lateral (
         select ${ofEvent}
         from leadlight.events as event join leadlight.sessions as session using (tenant_id, session_id)
         where tenant_id = stretch.tenant_id and occurred_at >= stretch.starts and occurred_at < stretch.ends
           and id >= leadlight.uuid_floor(stretch.starts) and id < leadlight.uuid_floor(stretch.ends)
           and session_id >= leadlight.uuid_floor(stretch.starts - interval '1 day') and session_id < leadlight.uuid_floor(stretch.ends)
           -- says nothing new, but lets the planner leave out all other days
           and id >= leadlight.uuid_floor($4) and id < leadlight.uuid_floor($5)
           and session_id >= leadlight.uuid_floor($4::timestamptz - interval '1 day') and session_id < leadlight.uuid_floor($5)
         union all
         select ${ofEvent}
         from leadlight.events as event,
           -- a limit, so that the few there are look theirs up, rather than all sessions of these weeks being read
           lateral (
             select device, source, page, loaded_at, error_at from leadlight.sessions as own
             where own.tenant_id = stretch.tenant_id and own.session_id = event.session_id limit 1
           ) as session
         where tenant_id = stretch.tenant_id and occurred_at >= stretch.starts and occurred_at < stretch.ends
           and leadlight.quarter_of(occurred_at) <> leadlight.quarter_of(uuid_extract_timestamp(id))
           and not (id >= leadlight.uuid_floor(stretch.starts) and id < leadlight.uuid_floor(stretch.ends))
           and id >= leadlight.uuid_floor($4::timestamptz - ${latest}) and id < leadlight.uuid_floor($5::timestamptz + ${earliest})
       ) as event
     ), hours as materialized (
       select tenant_id, starts, hour, loaded_at is not null as loaded, ${segment}, ${countedTypes}, ${countedHistograms},
         count(*) filter (where ${isLead} and error_at is not null)::int as failed_leads
       from event
       group by tenant_id, starts, hour, loaded, ${segment}
     ), visits as (
       select stretch.tenant_id, starts, loaded_at is not null as loaded, ${segment}, ${countedSessions(sessionColumns)}
       from stretch join leadlight.sessions on sessions.tenant_id = stretch.tenant_id
         and session_id >= leadlight.uuid_floor(starts) and session_id < leadlight.uuid_floor(ends)
       where session_id >= leadlight.uuid_floor($4) and session_id < leadlight.uuid_floor($5)
       group by stretch.tenant_id, starts, loaded, ${segment}
     ), counted as (
       select tenant_id, starts, loaded, ${segment}, ${eventColumns}, ${zeros(sessionColumns)} from hours
       union all
       select tenant_id, starts, loaded, ${segment}, ${zeros(eventColumns)}, ${sessionColumns} from visits
     ), marked as (
       insert into leadlight.segmented_stretches (tenant_id, starts, ends) select tenant_id, starts, ends from stretch
     ), stored_hours as (
       insert into leadlight.segment_hours (tenant_id, starts, hour, ${segment}, ${eventTypes})
       select tenant_id, starts, hour, ${segment}, ${eventTypes} from hours where loaded
     ), stored_errors as (
       insert into leadlight.segment_errors (tenant_id, starts, ${segment}, error_type, error_source, operation, errors)
       select tenant_id, starts, ${segment}, properties ->> 'error_type', properties ->> 'source', properties ->> 'operation', count(*)
       from event where type = 'widget_error'
       group by 1, 2, 3, 4, 5, 6, 7, 8
     ), stored_leads as (
       insert into leadlight.segment_leads (tenant_id, starts, ${segment}, event_id, trace_id)
       select tenant_id, starts, ${segment}, id, trace_id from event where ${isLead}
     ), stored_versions as (
       insert into leadlight.segment_versions (tenant_id, starts, device, widget_version, widget_loaded, widget_error, load_ms)
       select tenant_id, starts, properties ->> 'device', widget_version,
         ${countedType('widget_loaded')}, ${countedType('widget_error')}, ${countedHistogram('load_ms')}
       from event where type in ('widget_loaded', 'widget_error')
       group by 1, 2, 3, 4
     )
     insert into leadlight.segment_counts (tenant_id, starts, grouped_by, loaded, ${segment}, ${columns})
     select tenant_id, starts,
       case grouping(${segment})
         when 7 then 'nothing' when 3 then 'device' when 5 then 'source' when 6 then 'page' else 'everything'
       end,
       loaded, ${segment}, ${sums(columns)}
     from counted
     group by grouping sets (
       (tenant_id, starts), (tenant_id, starts, loaded, device), (tenant_id, starts, loaded, source),
       (tenant_id, starts, loaded, page), (tenant_id, starts, loaded, ${segment})
     )`,
    [...values, first, past],
  )
}
