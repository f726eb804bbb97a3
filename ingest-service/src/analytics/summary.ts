// The headline numbers of a range of days, whole or for each value of a dimension.
import type { Breakdown, Numbers } from 'contract/analytics'
import type pg from 'pg'
import { eventInDays, sessionInDays, withDays } from './days.ts'
import { eventCondition, type Filter, type filters, sessionCondition } from './filter.ts'
import type { Range } from './range.ts'
import { rateOf, ratioOf } from './rate.ts'

type Counts = Record<
  'loaded' | 'loaded_opened' | 'opened' | 'estimates' | 'leads' | 'quotes' | 'messages' | 'conversations',
  number
>

const counts = `
  count(loaded_at)::int as loaded,
  count(*) filter (where loaded_at is not null and opened_at is not null)::int as loaded_opened,
  count(opened_at)::int as opened,
  count(*) filter (where opened_at is not null and estimate_at is not null)::int as estimates,
  count(*) filter (where opened_at is not null and lead_at is not null)::int as leads,
  count(*) filter (where opened_at is not null and quote_at is not null)::int as quotes,
  coalesce(sum(messages), 0)::int as messages,
  count(*) filter (where messages > 0)::int as conversations`

const maxValues = 100

/** Numbers of the tenant the transaction is bound to. */
export async function summarise(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  filter: Filter,
): Promise<Numbers> {
  const ofEvents = eventCondition(filter, 4)
  const ofSessions = sessionCondition(filter, 4)
  const { rows } = await client.query<Counts & { views: number }>(
    `${withDays}
     select
       (select count(*)::int from leadlight.events as event
        where event.type = 'widget_loaded' and ${eventInDays}${ofEvents.sql}) as views,
       counted.*
     from (select ${counts} from leadlight.sessions as session where ${sessionInDays}${ofSessions.sql}) as counted`,
    [from, to, timeZone, ...ofSessions.values],
  )
  return numbersOf(rows[0]!, rows[0]!.views)
}

/** The same for each value of a dimension, most sessions first; null stands for visits that did not say. */
export async function breakDown(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  dimension: (typeof filters)[number],
): Promise<Breakdown['breakdown']> {
  const { rows } = await client.query<Counts & { views: number; value: string | null }>(
    `${withDays}, views as (
       select session.${dimension} as value, count(*)::int as views
       from leadlight.events as event join leadlight.sessions as session using (tenant_id, session_id)
       where event.type = 'widget_loaded' and ${eventInDays}
       group by 1
     ), visits as (
       select session.${dimension} as value, ${counts}
       from leadlight.sessions as session
       where ${sessionInDays} and loaded_at is not null
       group by 1
     )
     select visits.*, coalesce(views, 0) as views
     from visits left join views on views.value is not distinct from visits.value
     order by loaded desc, visits.value
     limit ${maxValues}`,
    [from, to, timeZone],
  )
  return rows.map((row) => ({ value: row.value, ...numbersOf(row, row.views) }))
}

const numbersOf = (counted: Counts, views: number): Numbers => ({
  widget_views: views,
  sessions: counted.loaded,
  engagement_rate: rateOf(counted.loaded_opened, counted.loaded),
  estimate_conversion_rate: rateOf(counted.estimates, counted.opened),
  lead_capture_rate: rateOf(counted.leads, counted.opened),
  quote_request_rate: rateOf(counted.quotes, counted.opened),
  average_conversation_length: ratioOf(counted.messages, counted.conversations),
})
