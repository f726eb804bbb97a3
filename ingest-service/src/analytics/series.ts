// How often each event happened, day by day or hour by hour.
import type { Point } from 'contract/analytics'
import { type EventType, eventTypes } from 'contract/events'
import type pg from 'pg'
import { ask, type Bounds, eventsOfDays, quarterInDays } from './days.ts'
import { type Filter, isFiltered, sessionCondition } from './filter.ts'
import { countedTypes } from './histogram.ts'
import type { Range } from './range.ts'
import { addCounts, added, type Counts, type Days, groupingOf, splitDays } from './segments.ts'

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
  const days = await splitDays(client, range, timeZone)
  const points = await listPoints(client, days, timeZone, interval)
  // a few hours' quarters are few; ninety days' lie on thousands of pages
  const counted =
    isFiltered(filter) || interval === 'day'
      ? await countSegments(client, days, interval, filter)
      : await listQuarters(client, days.bounds)
  let last = 0
  for (const { at, ...counts } of counted.sort((a, b) => a.at.getTime() - b.at.getTime())) {
    while (points[last + 1] && points[last + 1]!.at <= at) last++
    const point = points[last]!
    point.counts = addCounts(eventTypes, point.counts, counts)
  }
  return points.map(({ start, counts }) => ({ start, ...counts }))
}

type Counted = Counts<EventType> & { at: Date }
const none = Object.fromEntries(eventTypes.map((type) => [type, 0])) as Counts<EventType>

async function listPoints(
  client: pg.ClientBase,
  { midnights }: Days,
  timeZone: string,
  interval: (typeof intervals)[number],
): Promise<{ start: string; at: Date; counts: Counts<EventType> }[]> {
  // to_char writes the offset of the transaction's time zone
  await client.query("select set_config('timezone', $1, true)", [timeZone])
  const starts = { day: '(select starts)', hour: "generate_series(starts, ends - interval '1 microsecond', '1 hour')" }
  const { rows } = await client.query<{ start: string; at: Date }>({
    name: `points by ${interval}`,
    text: `select to_char(start, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') as start, start as at
      from unnest($1::timestamptz[], $2::timestamptz[]) as day (starts, ends), lateral ${starts[interval]} as point (start)
      order by 2`,
    values: [midnights.slice(0, -1), midnights.slice(1)],
  })
  return rows.map((point) => ({ ...point, counts: none }))
}

async function listQuarters(client: pg.ClientBase, bounds: Bounds): Promise<Counted[]> {
  const text = `select quarter as at, ${eventTypes} from leadlight.quarter_hours where ${quarterInDays}`
  return ask<Counted>(client, 'series of quarter hours', {}, text, bounds)
}

async function countSegments(
  client: pg.ClientBase,
  days: Days,
  interval: (typeof intervals)[number],
  filter: Filter,
): Promise<Counted[]> {
  const ofDays = sessionCondition(filter, 2)
  const counted =
    interval === 'day'
      ? `select starts as at, ${added(eventTypes)} from leadlight.segment_counts as session
         where starts = any($1) and grouped_by = '${groupingOf(filter)}'${ofDays.sql} group by 1`
      : `select hour as at, ${added(eventTypes)} from leadlight.segment_hours as session
         where starts = any($1)${ofDays.sql} group by 1`
  const ofEvents = sessionCondition(filter, 3)
  // a quarter hour is all of one point, whatever the time zone
  const uncounted = `select leadlight.quarter_of(occurred_at) as at, ${countedTypes} from ${eventsOfDays('', ofEvents.sql)} group by 1`
  const rows = await ask<Counted>(client, `counted series by ${interval}`, filter, counted, [
    days.counted,
    ...ofDays.values,
  ])
  for (const bounds of days.uncounted)
    rows.push(
      ...(isFiltered(filter)
        ? await ask<Counted>(client, 'uncounted series', filter, uncounted, [...bounds, ...ofEvents.values])
        : await listQuarters(client, bounds)),
    )
  return rows
}
