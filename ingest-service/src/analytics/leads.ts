// Leads and quote requests one by one, newest first.
import type pg from 'pg'
import Type, { type Static } from 'typebox'
import { eventInDays, withDays } from './days.ts'
import { eventCondition, type Filter } from './filter.ts'
import type { Range } from './range.ts'
import { Value } from './summary.ts'

export const Lead = Type.Object({
  event_id: Type.String(),
  type: Type.String({ enum: ['lead_captured', 'quote_requested'] }),
  occurred_at: Type.String({ format: 'date-time' }),
  session_id: Type.String(),
  trace_id: Value,
  page: Value,
  source: Value,
  properties: Type.Record(Type.String(), Type.Unknown()),
})
export type Lead = Static<typeof Lead>

const pageRows = 50

/** One page; `nextCursor` is null on the last one. The cursor is the id of the last lead seen. */
export async function listLeads(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  filter: Filter,
  cursor: string | null,
): Promise<{ leads: Lead[]; nextCursor: string | null }> {
  const condition = eventCondition(filter, 5)
  const { rows } = await client.query<Omit<Lead, 'occurred_at'> & { occurred_at: Date }>(
    `${withDays}
     select event.id as event_id, event.type, event.occurred_at, event.session_id,
       replace(event.trace_id::text, '-', '') as trace_id, event.page, session.source, event.properties
     from leadlight.events as event left join leadlight.sessions as session using (tenant_id, session_id)
     where event.type in ('lead_captured', 'quote_requested') and ($4::uuid is null or event.id < $4) and ${eventInDays}${condition.sql}
     order by event.id desc
     limit ${pageRows + 1}`,
    [from, to, timeZone, cursor, ...condition.values],
  )
  const leads = rows.slice(0, pageRows).map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }))
  return { leads, nextCursor: rows.length > pageRows ? leads.at(-1)!.event_id : null }
}
