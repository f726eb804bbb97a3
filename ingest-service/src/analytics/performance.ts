// How fast the widget loaded and answered, and what went wrong.
import type { Performance } from 'contract/analytics'
import type pg from 'pg'
import { ask, type Bounds, boundsOf, eventsOfDays, quarterInDays } from './days.ts'
import { type Filter, isFiltered, sessionCondition } from './filter.ts'
import { histograms, readHistogram } from './histogram.ts'
import type { Range } from './range.ts'
import { rateOf } from './rate.ts'
import { type Counts, countSegment, type Days, splitDays } from './segments.ts'
import { addedQuarters } from './session-numbers.ts'

const maxErrors = 50

const numbers = [...histograms, 'failed', 'sessions'] as const
type Error = Performance['errors'][number]

/** Percentiles are those of the roll-up's buckets, with a filter too, so that the two can be compared. */
export async function measurePerformance(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Performance> {
  const days = await splitDays(client, range, timeZone)
  const { load_ms, message_ms, estimate_ms, failed, sessions } = isFiltered(filter)
    ? await countSegment(client, 'performance', days, filter, numbers)
    : await addUpQuarters(client, await boundsOf(client, range, timeZone))
  return {
    load_ms: readHistogram(load_ms),
    response_ms: { send_message: readHistogram(message_ms), create_estimate: readHistogram(estimate_ms) },
    error_rate: rateOf(failed, sessions),
    errors: await listErrors(client, days, filter),
  }
}

async function addUpQuarters(client: pg.ClientBase, bounds: Bounds): Promise<Counts<(typeof numbers)[number]>> {
  const text = `select ${histograms.map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(', ')},
      ${addedQuarters(['failed', 'sessions'])}
    from leadlight.quarter_hours where ${quarterInDays}`
  return (await ask<Counts<(typeof numbers)[number]>>(client, 'performance', {}, text, bounds))[0]!
}

/** The most frequent ones first. */
async function listErrors(client: pg.ClientBase, days: Days, filter: Filter): Promise<Error[]> {
  const ofDays = sessionCondition(filter, 2)
  const counted = `select error_type as type, error_source as source, operation, sum(errors)::int as count
    from leadlight.segment_errors as session where starts = any($1)${ofDays.sql} group by 1, 2, 3`
  const ofEvents = sessionCondition(filter, 3)
  const uncounted = `select properties ->> 'error_type' as type, properties ->> 'source' as source,
      properties ->> 'operation' as operation, count(*)::int as count
    from ${eventsOfDays(` and event.type = 'widget_error'${ofEvents.sql}`)}
    group by 1, 2, 3`
  const rows = await ask<Error>(client, 'counted errors', filter, counted, [days.counted, ...ofDays.values])
  for (const bounds of days.uncounted)
    rows.push(...(await ask<Error>(client, 'uncounted errors', filter, uncounted, [...bounds, ...ofEvents.values])))
  const errors = new Map<string, Error>()
  for (const { count, ...what } of rows) {
    const key = JSON.stringify([what.type, what.source, what.operation])
    errors.set(key, { ...what, count: count + (errors.get(key)?.count ?? 0) })
  }
  return [...errors]
    .sort(([a, ofA], [b, ofB]) => ofB.count - ofA.count || (a < b ? -1 : 1))
    .slice(0, maxErrors)
    .map(([, error]) => error)
}
