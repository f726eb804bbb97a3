// The writer's statement: events, the first time of each step of their sessions, and which quarter hours they touch, in
// one round trip and one commit.
import type pg from 'pg'
import { columnsOf } from './columns.ts'
import type { Committed, Row } from './writer.ts'

/** Stores rows in key order, so that two writers cannot deadlock. */
export async function commitRows(pool: pg.Pool, rows: Row[]): Promise<Committed[]> {
  const { rows: results } = await pool.query<{
    accepted: number
    accepted_keys: string[] | null
    erased_keys: string[] | null
  }>({
    name: 'store',
    text: `
      with input as (
        select *
        from rows from (
          unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::float8[], $5::leadlight.event_type[],
            $6::uuid[], $7::text[], $8::text[], $9::text[]
          ),
          jsonb_array_elements($10::jsonb)
        ) with ordinality
          as input (tenant_id, id, session_id, occurred_ms, type, trace_id, span_id, page, widget_version, properties, place)
      ), erased as (
        select tenant_id, id from input join leadlight.erased_sessions using (tenant_id, session_id)
      ), stored as (
        insert into leadlight.events
          (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
        select
          tenant_id, id, session_id, to_timestamp(occurred_ms / 1000), type, trace_id, decode(span_id, 'hex'), page,
          widget_version, properties
        from input
        where (tenant_id, id) not in (select tenant_id, id from erased)
        -- of two events with one id the first is stored
        order by tenant_id, id, place
        on conflict do nothing
        returning tenant_id, id, session_id, occurred_at, type
      ), loaded as (
        -- the first load of each session in this group says where the visit came from
        select distinct on (stored.tenant_id, stored.session_id)
          stored.tenant_id,
          stored.session_id,
          input.properties ->> 'device' as device,
          coalesce(input.properties ->> 'utm_source', input.properties ->> 'referrer_host') as source,
          input.page
        from stored join input using (tenant_id, id)
        where stored.type = 'widget_loaded'
        order by stored.tenant_id, stored.session_id, stored.occurred_at, stored.id, input.place
      ), touched as (
        insert into leadlight.sessions as session
          (tenant_id, session_id, loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at, error_at, messages,
           device, source, page)
        select
          tenant_id,
          session_id,
          min(occurred_at) filter (where type = 'widget_loaded'),
          min(occurred_at) filter (where type = 'widget_opened'),
          min(occurred_at) filter (where type = 'message_sent'),
          min(occurred_at) filter (where type = 'estimate_generated'),
          min(occurred_at) filter (where type = 'lead_captured'),
          min(occurred_at) filter (where type = 'quote_requested'),
          min(occurred_at) filter (where type = 'widget_error'),
          count(*) filter (where type = 'message_sent'),
          loaded.device,
          loaded.source,
          loaded.page
        from stored left join loaded using (tenant_id, session_id)
        group by tenant_id, session_id, loaded.device, loaded.source, loaded.page
        order by tenant_id, session_id
        on conflict (tenant_id, session_id) do update set
          loaded_at = least(session.loaded_at, excluded.loaded_at),
          opened_at = least(session.opened_at, excluded.opened_at),
          message_at = least(session.message_at, excluded.message_at),
          estimate_at = least(session.estimate_at, excluded.estimate_at),
          lead_at = least(session.lead_at, excluded.lead_at),
          quote_at = least(session.quote_at, excluded.quote_at),
          error_at = least(session.error_at, excluded.error_at),
          messages = session.messages + excluded.messages,
          device = case when excluded.loaded_at < coalesce(session.loaded_at, 'infinity') then excluded.device else session.device end,
          source = case when excluded.loaded_at < coalesce(session.loaded_at, 'infinity') then excluded.source else session.source end,
          page = case when excluded.loaded_at < coalesce(session.loaded_at, 'infinity') then excluded.page else session.page end
        returning new.tenant_id, new.session_id,
          old.session_id is not null and (
            (old.loaded_at is null) <> (new.loaded_at is null)
            or (old.device, old.source, old.page) is distinct from (new.device, new.source, new.page)
            or (old.error_at is null and new.error_at is not null and coalesce(new.lead_at, new.quote_at) is not null)
          ) as is_changed
      ), changed as (
        -- what is said of the session's earlier events has changed, on whichever days they are
        insert into leadlight.changed_sessions (tenant_id, session_id)
        select tenant_id, session_id from touched where is_changed
      ), marked as (
        -- what the roll-up must count again: one row for the whole group, appended, so that no writer waits for another
        insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
        select array_agg(tenant_id), array_agg(quarter)
        from (
          select tenant_id, leadlight.quarter_of(occurred_at) as quarter from stored
          union
          select tenant_id, leadlight.quarter_of(uuid_extract_timestamp(session_id)) from stored
        ) as pair
        having count(*) > 0
      )
      -- which ones is told only where it is in doubt: nearly always all were new
      select
        (select count(*)::int from stored) as accepted,
        case when (select count(*) from stored) < $11 then
          (select array_agg(tenant_id || ' ' || id) from stored)
        end as accepted_keys,
        (select array_agg(tenant_id || ' ' || id) from erased) as erased_keys`,
    values: [...columnsOf(rows), rows.length],
  })
  const { accepted, accepted_keys, erased_keys } = results[0]!
  if (accepted === rows.length) return rows.map(() => 'accepted')
  const outcomes = new Map<string, 'accepted' | 'erased'>()
  for (const key of accepted_keys ?? []) outcomes.set(key, 'accepted')
  for (const key of erased_keys ?? []) outcomes.set(key, 'erased')
  return rows.map((row) => {
    const key = `${row.tenantId} ${row.id}`
    const outcome = outcomes.get(key)
    // the same event twice in one group is stored once: the first row has it
    if (outcome === 'accepted') outcomes.delete(key)
    return outcome ?? 'duplicate'
  })
}
