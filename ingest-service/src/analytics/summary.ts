// The headline numbers of a range of days, whole or for each value of a dimension.
import type { Breakdown, Numbers } from 'contract/analytics'
import type pg from 'pg'
import { ask, boundsOf, eventInDays, quarterInDays, sessionInDays } from './days.ts'
import { eventCondition, type Filter, type filters, isFiltered, sessionCondition } from './filter.ts'
import type { Range } from './range.ts'
import { rateOf, ratioOf } from './rate.ts'
import { addedQuarters, countedSessions, type SessionNumber } from './session-numbers.ts'

const counted = [
  'reached_widget_loaded',
  'reached_widget_opened',
  'opened',
  'opened_estimate',
  'opened_lead',
  'opened_quote',
  'messages',
  'conversations',
] as const satisfies SessionNumber[]
type Counts = Record<(typeof counted)[number] | 'widget_loaded', number>

const maxValues = 100

/** Numbers of the tenant the transaction is bound to. */
export async function summarise(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Numbers> {
  const ofSessions = sessionCondition(filter, 3)
  const text = isFiltered(filter)
    ? `select
         (select count(*)::int from leadlight.events as event
          where event.type = 'widget_loaded' and ${eventInDays}${eventCondition(filter, 3).sql}) as widget_loaded,
         ${countedSessions(counted)}
       from leadlight.sessions as session where ${sessionInDays}${ofSessions.sql}`
    : `select ${addedQuarters(['widget_loaded', ...counted])} from leadlight.quarter_hours where ${quarterInDays}`
  const values = [...(await boundsOf(client, range, timeZone)), ...ofSessions.values]
  return numbersOf((await ask<Counts>(client, 'summary', filter, text, values))[0]!)
}

/** The same for each value of a dimension, most sessions first; null stands for visits that did not say. */
export async function breakDown(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  dimension: (typeof filters)[number],
): Promise<Breakdown['breakdown']> {
  const rows = await ask<Counts & { value: string | null }>(
    client,
    `breakdown by ${dimension}`,
    {},
    `with views as (
       select session.${dimension} as value, count(*)::int as widget_loaded
       from leadlight.events as event join leadlight.sessions as session using (tenant_id, session_id)
       where event.type = 'widget_loaded' and ${eventInDays}
       group by 1
     ), visits as (
       select session.${dimension} as value, ${countedSessions(counted)}
       from leadlight.sessions as session
       where ${sessionInDays} and loaded_at is not null
       group by 1
     )
     select visits.*, coalesce(widget_loaded, 0) as widget_loaded
     from visits left join views on views.value is not distinct from visits.value
     order by reached_widget_loaded desc, visits.value
     limit ${maxValues}`,
    await boundsOf(client, range, timeZone),
  )
  return rows.map((row) => ({ value: row.value, ...numbersOf(row) }))
}

const numbersOf = (counts: Counts): Numbers => ({
  widget_views: counts.widget_loaded,
  sessions: counts.reached_widget_loaded,
  engagement_rate: rateOf(counts.reached_widget_opened, counts.reached_widget_loaded),
  estimate_conversion_rate: rateOf(counts.opened_estimate, counts.opened),
  lead_capture_rate: rateOf(counts.opened_lead, counts.opened),
  quote_request_rate: rateOf(counts.opened_quote, counts.opened),
  average_conversation_length: ratioOf(counts.messages, counts.conversations),
})
