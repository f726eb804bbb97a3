// How often each event happened, day by day or hour by hour.
import type { Point } from 'contract/analytics'
import { eventTypes } from 'contract/events'
import type pg from 'pg'
import { ask, type Bounds, boundsOf, eventsOfDays, quarterInDays } from './days.ts'
import { type Filter, isFiltered, sessionCondition } from './filter.ts'
import { countedTypes } from './histogram.ts'
import type { Range } from './range.ts'
import { added, type Days, groupingOf, splitDays } from './segments.ts'

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
  const bounds = await boundsOf(client, range, timeZone)
  // to_char writes the offset of the transaction's time zone
  await client.query("select set_config('timezone', $1, true)", [timeZone])
  const { rows: points } = await client.query<{ start: string; at: Date }>({
    name: `points by ${interval}`,
    text: `select to_char(start, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') as start, start as at
      from generate_series($1::timestamptz, $2::timestamptz - interval '1 microsecond', '1 ${interval}', $3) as start
      order by 2`,
    values: [...bounds, timeZone],
  })
  // a few hours' quarters are few; ninety days' lie on thousands of pages
  const counted =
    isFiltered(filter) || interval === 'day'
      ? await countSegments(client, await splitDays(client, range, timeZone), timeZone, interval, filter)
      : await groupQuarters(client, bounds, timeZone, interval)
  const counts = new Map(counted.map(({ at, ...each }) => [at.getTime(), each]))
  return points.map(({ start, at }) => ({ start, ...(counts.get(at.getTime()) ?? none) }))
}

type Counted = Omit<Point, 'start'> & { at: Date }
const none = Object.fromEntries(eventTypes.map((type) => [type, 0])) as Omit<Point, 'start'>

/** Hours are counted from midnight, wherever that is: each stretch below begins at one. */
const startOf = (interval: (typeof intervals)[number], moment: string): string =>
  interval === 'day' ? `date_trunc('day', ${moment}, $3)` : `date_bin('1 hour', ${moment}, $1)`

async function groupQuarters(
  client: pg.ClientBase,
  bounds: Bounds,
  timeZone: string,
  interval: (typeof intervals)[number],
): Promise<Counted[]> {
  const text = `select ${startOf(interval, 'quarter')} as at, ${added(eventTypes)}
    from leadlight.quarter_hours where ${quarterInDays} and $3::text is not null group by 1`
  return ask<Counted>(client, `series by ${interval}`, {}, text, [...bounds, timeZone])
}

async function countSegments(
  client: pg.ClientBase,
  days: Days,
  timeZone: string,
  interval: (typeof intervals)[number],
  filter: Filter,
): Promise<Counted[]> {
  const ofDays = sessionCondition(filter, 2)
  const counted =
    interval === 'day'
      ? `select starts as at, ${added(eventTypes)} from leadlight.segment_days as session
         where starts = any($1) and grouped_by = '${groupingOf(filter)}'${ofDays.sql} group by 1`
      : `select hour as at, ${added(eventTypes)} from leadlight.segment_hours as session
         where starts = any($1)${ofDays.sql} group by 1`
  const ofEvents = sessionCondition(filter, 4)
  const uncounted = `select ${startOf(interval, 'occurred_at')} as at, ${countedTypes}
    from ${eventsOfDays('', ofEvents.sql)} where $3::text is not null group by 1`
  const name = `series by ${interval}`
  const rows = await ask<Counted>(client, `counted ${name}`, filter, counted, [days.counted, ...ofDays.values])
  for (const bounds of days.uncounted)
    rows.push(
      ...(isFiltered(filter)
        ? await ask<Counted>(client, `uncounted ${name}`, filter, uncounted, [...bounds, timeZone, ...ofEvents.values])
        : await groupQuarters(client, bounds, timeZone, interval)),
    )
  return rows
}
