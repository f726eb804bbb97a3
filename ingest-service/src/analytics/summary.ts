// The headline numbers of a range of days.
import type pg from 'pg'
import Type, { type Static } from 'typebox'
import type { Range } from './range.ts'
import { Rate, Ratio, rateOf, ratioOf } from './rate.ts'

export const Numbers = Type.Object({
  widget_views: Type.Integer(),
  sessions: Type.Integer(),
  engagement_rate: Rate,
  estimate_conversion_rate: Rate,
  lead_capture_rate: Rate,
  quote_request_rate: Rate,
  average_conversation_length: Ratio,
})
export type Numbers = Static<typeof Numbers>

type Counts = Record<
  'views' | 'loaded' | 'loaded_opened' | 'opened' | 'estimates' | 'leads' | 'quotes' | 'messages' | 'conversations',
  number
>

/** Counts of the tenant the transaction is bound to. */
export async function summarise(client: pg.ClientBase, { from, to }: Range, timeZone: string): Promise<Numbers> {
  // ids are made from the visitor's clock, occurred_at is corrected by at most 7 days: hence the wider range of ids
  const { rows } = await client.query<Counts>(
    `with days as (
       select $1::date::timestamp at time zone $3 as first, ($2::date + 1)::timestamp at time zone $3 as past
     )
     select
       (select count(*)::int
        from leadlight.events
        where type = 'widget_loaded'
          and id >= leadlight.uuid_floor((select first from days) - interval '8 days')
          and id < leadlight.uuid_floor((select past from days) + interval '8 days')
          and occurred_at >= (select first from days) and occurred_at < (select past from days)) as views,
       session.*
     from (
       select
         count(loaded_at)::int as loaded,
         count(*) filter (where loaded_at is not null and opened_at is not null)::int as loaded_opened,
         count(opened_at)::int as opened,
         count(*) filter (where opened_at is not null and estimate_at is not null)::int as estimates,
         count(*) filter (where opened_at is not null and lead_at is not null)::int as leads,
         count(*) filter (where opened_at is not null and quote_at is not null)::int as quotes,
         coalesce(sum(messages), 0)::int as messages,
         count(*) filter (where messages > 0)::int as conversations
       from leadlight.sessions
       where session_id >= leadlight.uuid_floor((select first from days))
         and session_id < leadlight.uuid_floor((select past from days))
     ) as session`,
    [from, to, timeZone],
  )
  const counts = rows[0]!
  return {
    widget_views: counts.views,
    sessions: counts.loaded,
    engagement_rate: rateOf(counts.loaded_opened, counts.loaded),
    estimate_conversion_rate: rateOf(counts.estimates, counts.opened),
    lead_capture_rate: rateOf(counts.leads, counts.opened),
    quote_request_rate: rateOf(counts.quotes, counts.opened),
    average_conversation_length: ratioOf(counts.messages, counts.conversations),
  }
}
