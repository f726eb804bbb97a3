// How often each event happened, day by day or hour by hour.
import type { Point } from 'contract/analytics'
import { eventTypes } from 'contract/events'
import type pg from 'pg'
import { ask, boundsOf, eventInDays, quarterInDays } from './days.ts'
import { eventCondition, type Filter, isFiltered } from './filter.ts'
import { countedTypes } from './histogram.ts'
import type { Range } from './range.ts'
import { addedQuarters } from './session-numbers.ts'

export const intervals = ['day', 'hour'] as const

/**
 * One point for each interval, empty ones too. A day begins at the tenant's midnight and may have 23 or 25 hours; hours
 * are counted from midnight, so that they are whole hours in half-hour zones too.
 */
export async function countSeries(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  interval: (typeof intervals)[number],
  filter: Filter,
): Promise<Point[]> {
  const startOf = (moment: string): string =>
    interval === 'day' ? `date_trunc('day', ${moment}, $3)` : `date_bin('1 hour', ${moment}, $1)`
  const condition = eventCondition(filter, 4)
  const counted = isFiltered(filter)
    ? `select ${startOf('event.occurred_at')} as start, ${countedTypes}
       from leadlight.events as event where ${eventInDays}${condition.sql} group by 1`
    : `select ${startOf('quarter')} as start, ${addedQuarters(eventTypes)}
       from leadlight.quarter_hours where ${quarterInDays} group by 1`
  const bounds = await boundsOf(client, range, timeZone)
  // to_char writes the offset of the transaction's time zone
  await client.query("select set_config('timezone', $1, true)", [timeZone])
  return ask<Point>(
    client,
    `series by ${interval}`,
    filter,
    `with starts as (
       select generate_series($1::timestamptz, $2::timestamptz - interval '1 microsecond', '1 ${interval}', $3) as start
     ), counted as (${counted})
     select
       to_char(start, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') as start,
       ${eventTypes.map((type) => `coalesce(${type}, 0) as ${type}`).join(', ')}
     from starts left join counted using (start)
     order by starts.start`,
    // hours are counted from midnight, wherever that is
    [...bounds, timeZone, ...condition.values],
  )
}
