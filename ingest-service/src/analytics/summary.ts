// The headline numbers of a range of days, whole or for each value of a dimension.
import type { Breakdown, Numbers } from 'contract/analytics'
import type pg from 'pg'
import { boundsOf } from './days.ts'
import { type Filter, type filters, isFiltered } from './filter.ts'
import type { Range } from './range.ts'
import { rateOf, ratioOf } from './rate.ts'
import { addUpQuarters, type Counts, countSegment, countValues, splitDays } from './segments.ts'

const counted = [
  'widget_loaded',
  'reached_widget_loaded',
  'reached_widget_opened',
  'opened',
  'opened_estimate',
  'opened_lead',
  'opened_quote',
  'messages',
  'conversations',
] as const
type Counted = Counts<(typeof counted)[number]>

const maxValues = 100

/** Numbers of the tenant the transaction is bound to. */
export async function summarise(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Numbers> {
  return numbersOf(
    isFiltered(filter)
      ? await countSegment(client, 'summary', await splitDays(client, range, timeZone), filter, counted)
      : await addUpQuarters(client, 'summary', await boundsOf(client, range, timeZone), counted),
  )
}

/** The same for each value of a dimension, most sessions first; null stands for visits that did not say. */
export async function breakDown(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  dimension: (typeof filters)[number],
): Promise<Breakdown['breakdown']> {
  const values = await countValues(client, await splitDays(client, range, timeZone), dimension, counted)
  return (
    [...values]
      // visits that began before the first day may have events on it
      .filter(([, counts]) => counts.reached_widget_loaded > 0)
      .sort(
        ([a, ofA], [b, ofB]) =>
          ofB.reached_widget_loaded - ofA.reached_widget_loaded ||
          Number(a === null) - Number(b === null) ||
          (a! < b! ? -1 : 1),
      )
      .slice(0, maxValues)
      .map(([value, counts]) => ({ value, ...numbersOf(counts) }))
  )
}

const numbersOf = (counts: Counted): Numbers => ({
  widget_views: counts.widget_loaded,
  sessions: counts.reached_widget_loaded,
  engagement_rate: rateOf(counts.reached_widget_opened, counts.reached_widget_loaded),
  estimate_conversion_rate: rateOf(counts.opened_estimate, counts.opened),
  lead_capture_rate: rateOf(counts.opened_lead, counts.opened),
  quote_request_rate: rateOf(counts.opened_quote, counts.opened),
  average_conversation_length: ratioOf(counts.messages, counts.conversations),
})
