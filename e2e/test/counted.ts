// The numbers counted again, from the raw events alone and by the definitions' words: nothing here is shared with the service.
import type pg from 'pg'

export type Counted = {
  views: number
  loaded: number
  loaded_opened: number
  opened: number
  estimates: number
  leads: number
  quotes: number
  messages: number
  conversations: number
  steps: number[]
  sessions: number
  failed: number
  lead_events: number
  lead_events_failed: number
}

export async function countFromEvents(
  db: pg.Pool,
  tenantId: string,
  timeZone: string,
  {
    from,
    to,
    device = null,
    source = null,
  }: { from: string; to: string; device?: string | null; source?: string | null },
): Promise<Counted> {
  const { rows } = await db.query<Counted>(
    `with visit as (
       select
         session_id,
         (min(uuid_extract_timestamp(session_id)) at time zone $2)::date as day,
         bool_or(type = 'widget_loaded') as l,
         bool_or(type = 'widget_opened') as o,
         bool_or(type = 'message_sent') as m,
         bool_or(type = 'estimate_generated') as e,
         bool_or(type = 'lead_captured') as c,
         bool_or(type = 'quote_requested') as q,
         bool_or(type = 'widget_error') as failed,
         count(*) filter (where type = 'message_sent') as messages,
         (array_agg(properties order by occurred_at, id) filter (where type = 'widget_loaded'))[1] as first_load
       from leadlight.events
       where tenant_id = $1
       group by session_id
     ), fitting as (
       select * from visit
       where ($5::text is null or first_load ->> 'device' = $5)
         and ($6::text is null or coalesce(first_load ->> 'utm_source', first_load ->> 'referrer_host') = $6)
     ), happened as (
       select type::text, failed
       from leadlight.events join fitting using (session_id)
       where tenant_id = $1 and (occurred_at at time zone $2)::date between $3 and $4
     ), day as (select * from fitting where day between $3 and $4)
     select
       (select count(*)::int from happened where type = 'widget_loaded') as views,
       (select count(*)::int from happened where type in ('lead_captured', 'quote_requested')) as lead_events,
       (select count(*)::int from happened where type in ('lead_captured', 'quote_requested') and failed) as lead_events_failed,
       count(*) filter (where l)::int as loaded,
       count(*) filter (where l and o)::int as loaded_opened,
       count(*) filter (where o)::int as opened,
       count(*) filter (where o and e)::int as estimates,
       count(*) filter (where o and c)::int as leads,
       count(*) filter (where o and q)::int as quotes,
       coalesce(sum(messages), 0)::int as messages,
       count(*) filter (where m)::int as conversations,
       count(*)::int as sessions,
       count(*) filter (where failed)::int as failed,
       array[
         count(*) filter (where l), count(*) filter (where l and o), count(*) filter (where l and o and m),
         count(*) filter (where l and o and m and e), count(*) filter (where l and o and m and e and c),
         count(*) filter (where l and o and m and e and c and q)
       ]::int[] as steps
     from day`,
    [tenantId, timeZone, from, to, device, source],
  )
  return rows[0]!
}
