// How often each event happened, day by day or hour by hour.
import type { Point } from 'contract/analytics'
import { eventTypes } from 'contract/events'
import type pg from 'pg'
import { eventInDays, withDays } from './days.ts'
import { eventCondition, type Filter } from './filter.ts'
import type { Range } from './range.ts'

export const intervals = ['day', 'hour'] as const

/**
 * One point for each interval, empty ones too. A day begins at the tenant's midnight and may have 23 or 25 hours; hours
 * are counted from midnight, so that they are whole hours in half-hour zones too.
 */
export async function countSeries(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  interval: (typeof intervals)[number],
  filter: Filter,
): Promise<Point[]> {
  const condition = eventCondition(filter, 4)
  const starts =
    interval === 'day'
      ? "select generate_series($1::date::timestamp, $2::date::timestamp, '1 day') at time zone $3 as start"
      : "select generate_series(first, past - interval '1 microsecond', '1 hour') as start from days"
  // to_char writes the offset of the transaction's time zone
  await client.query("select set_config('timezone', $1, true)", [timeZone])
  const { rows } = await client.query<Point>(
    `${withDays}, starts as (${starts}), counted as (
       select
         ${interval === 'day' ? "date_trunc('day', event.occurred_at, $3)" : "date_bin('1 hour', event.occurred_at, (select first from days))"} as start,
         ${eventTypes.map((type) => `count(*) filter (where type = '${type}')::int as ${type}`).join(', ')}
       from leadlight.events as event
       where ${eventInDays}${condition.sql}
       group by 1
     )
     select
       to_char(start, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') as start,
       ${eventTypes.map((type) => `coalesce(${type}, 0) as ${type}`).join(', ')}
     from starts left join counted using (start)
     order by starts.start`,
    [from, to, timeZone, ...condition.values],
  )
  return rows
}
