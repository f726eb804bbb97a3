// The SQL that every question shares: which rows belong to a range of days.
import type pg from 'pg'
import { type Filter, filters } from './filter.ts'
import type { Range } from './range.ts'

/** Moments from the first up to, not including, the second. */
export type Bounds = [first: Date, past: Date]

/** The range's first midnight and the one past its last day, in the tenant's time zone: $1 and $2 of every question. */
export async function boundsOf(client: pg.ClientBase, { from, to }: Range, timeZone: string): Promise<Bounds> {
  const { rows } = await client.query<{ first: Date; past: Date }>({
    name: 'bounds',
    text: 'select $1::date::timestamp at time zone $3 as first, ($2::date + 1)::timestamp at time zone $3 as past',
    values: [from, to, timeZone],
  })
  return [rows[0]!.first, rows[0]!.past]
}

/** Quarter hours add up to days in every zone, since all of them begin at one. */
export const quarterInDays = 'quarter >= $1 and quarter < $2'

/** Sessions are on the day of their id's own time, so a range of days is a range of the key. */
export const sessionInDays = `session.session_id >= leadlight.uuid_floor($1::timestamptz)
  and session.session_id < leadlight.uuid_floor($2::timestamptz)`

/** Events are on the day of `occurred_at`, which differs from the id's time by 7 days at most: hence the wider range of ids. */
export const eventInDays = `event.id >= leadlight.uuid_floor($1::timestamptz - interval '8 days')
  and event.id < leadlight.uuid_floor($2::timestamptz + interval '8 days')
  and event.occurred_at >= $1 and event.occurred_at < $2`

/** Sessions of such events begin up to a day before them. Not needed for the answer: most days are left out at once. */
export const sessionOfEvents = `session_id >= leadlight.uuid_floor($1::timestamptz - interval '10 days')
  and session_id < leadlight.uuid_floor($2::timestamptz + interval '9 days')`

/**
 * Events of a stretch of days with what their sessions say: where most of them are, which is within the same days of the
 * key, and those that an index finds because a visitor's clock was off. Without a look at the eight days on each side.
 * @param ofEvents condition on `event`, of which the planner knows how much it leaves
 * @param ofSessions condition on `session`
 */
export function eventsOfDays(ofEvents: string, ofSessions: string): string {
  const columns = 'event.type, event.properties, event.occurred_at, device, source, session.page, loaded_at, error_at'
  const inKey = `event.id >= leadlight.uuid_floor($1::timestamptz) and event.id < leadlight.uuid_floor($2::timestamptz)`
  return `(
    select * from (
      select ${columns}
      from leadlight.events as event join leadlight.sessions as session using (tenant_id, session_id)
      where ${inKey} and event.occurred_at >= $1 and event.occurred_at < $2
        and session.session_id >= leadlight.uuid_floor($1::timestamptz - interval '1 day')
        and session.session_id < leadlight.uuid_floor($2::timestamptz)${ofEvents}
      union all
      select ${columns}
      from leadlight.events as event,
        -- a limit, so that the few there are look theirs up, rather than all sessions of these weeks being read
        lateral (
          select device, source, page, loaded_at, error_at from leadlight.sessions as own
          where own.tenant_id = event.tenant_id and own.session_id = event.session_id and ${sessionOfEvents} limit 1
        ) as session
      where leadlight.quarter_of(event.occurred_at) <> leadlight.quarter_of(uuid_extract_timestamp(event.id))
        and ${eventInDays} and not (${inKey})${ofEvents}
      -- a fence: two or three filters, each thought to leave little, would have every event look its session up by itself
      offset 0
    ) as session
    where true${ofSessions}
  ) as event`
}

/** Asks a statement that a connection plans once for each set of filters: a plan over a hundred partitions takes longer than most answers. */
export async function ask<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  question: string,
  filter: Filter,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  const name = [question, ...filters.filter((each) => filter[each] !== undefined)].join(' ')
  return (await client.query<Row>({ name, text, values })).rows
}
