// How fast the widget loaded and answered, and what went wrong.
import type { Performance } from 'contract/analytics'
import type { EventType } from 'contract/events'
import type pg from 'pg'
import { ask, type Bounds, eventsOfDays } from './days.ts'
import { type Filter, isFiltered, sessionCondition } from './filter.ts'
import { histograms, measured, readHistogram } from './histogram.ts'
import type { Range } from './range.ts'
import { rateOf } from './rate.ts'
import { addCounts, addUpQuarters, countSegment, countUncounted, splitDays } from './segments.ts'

const maxErrors = 50

const numbers = [...histograms, 'failed', 'sessions'] as const
type CountedError = Performance['errors'][number]

/** Percentiles are those of the roll-up's buckets, with a filter too, so that the two can be compared. */
export async function measurePerformance(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Performance> {
  const days = await splitDays(client, range, timeZone)
  const errors = await listCountedErrors(client, days.counted, filter)
  let sum = await countSegment(client, 'performance', { ...days, uncounted: [] }, filter, numbers)
  for (const bounds of days.uncounted) {
    const ofEvents = await readUncounted(client, bounds, filter)
    errors.push(...ofEvents.errors)
    const uncounted = isFiltered(filter)
      ? {
          ...(await countUncounted(client, 'performance', bounds, filter, ['failed', 'sessions'])),
          ...ofEvents.histograms,
        }
      : await addUpQuarters(client, 'performance', bounds, numbers)
    sum = addCounts(numbers, sum, uncounted)
  }
  return {
    load_ms: readHistogram(sum.load_ms),
    response_ms: { send_message: readHistogram(sum.message_ms), create_estimate: readHistogram(sum.estimate_ms) },
    error_rate: rateOf(sum.failed, sum.sessions),
    errors: mostFrequent(errors),
  }
}

async function listCountedErrors(client: pg.ClientBase, counted: Date[], filter: Filter): Promise<CountedError[]> {
  const { sql, values } = sessionCondition(filter, 2)
  const text = `select error_type as type, error_source as source, operation, sum(errors)::int as count
    from leadlight.segment_errors as session where starts = any($1)${sql} group by 1, 2, 3`
  return ask<CountedError>(client, 'counted errors', filter, text, [counted, ...values])
}

/**
 * Errors and, where the roll-up does not know them, histograms, from one look at the events: by kind of error, and by
 * bucket, since a histogram has a thousand digits and is slow to make for each event.
 */
async function readUncounted(
  client: pg.ClientBase,
  bounds: Bounds,
  filter: Filter,
): Promise<{ histograms: Record<(typeof histograms)[number], string>; errors: CountedError[] }> {
  const { sql, values } = sessionCondition(filter, 3)
  const types: EventType[] = isFiltered(filter)
    ? ['widget_error', ...histograms.map((name) => measured[name].type)]
    : ['widget_error']
  const ofError = (property: string) => `case when type = 'widget_error' then properties ->> '${property}' end`
  const property = histograms.map((name) => `when '${measured[name].type}' then '${measured[name].property}'`).join(' ')
  const text = `select type as event, ${ofError('error_type')} as type, ${ofError('source')} as source,
      ${ofError('operation')} as operation, leadlight.histogram(min(ms)) as histogram, count(*)::int as count
    from ${eventsOfDays(` and event.type in (${types.map((type) => `'${type}'`)})`, sql)},
      lateral (select (properties ->> case type ${property} end)::float8 as ms) as value
    group by 1, 2, 3, 4, leadlight.bucket(ms)`
  type Row = CountedError & { event: EventType; histogram: string | null }
  const rows = await ask<Row>(client, 'uncounted performance and errors', filter, text, [...bounds, ...values])
  const histogramOf = (name: (typeof histograms)[number]): string =>
    String(
      rows
        .filter(({ event }) => event === measured[name].type)
        .reduce((sum, { histogram, count }) => sum + BigInt(histogram ?? 0) * BigInt(count), 0n),
    )
  return {
    histograms: {
      load_ms: histogramOf('load_ms'),
      message_ms: histogramOf('message_ms'),
      estimate_ms: histogramOf('estimate_ms'),
    },
    errors: rows
      .filter(({ event }) => event === 'widget_error')
      .map(({ type, source, operation, count }) => ({ type, source, operation, count })),
  }
}

function mostFrequent(rows: CountedError[]): CountedError[] {
  const errors = new Map<string, CountedError>()
  for (const { count, ...what } of rows) {
    const key = JSON.stringify([what.type, what.source, what.operation])
    errors.set(key, { ...what, count: count + (errors.get(key)?.count ?? 0) })
  }
  return [...errors]
    .sort(([a, ofA], [b, ofB]) => ofB.count - ofA.count || (a < b ? -1 : 1))
    .slice(0, maxErrors)
    .map(([, error]) => error)
}
