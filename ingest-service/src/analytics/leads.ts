// Leads and quote requests one by one, newest first.
import type { Lead } from 'contract/analytics'
import { leadTypes } from 'contract/events'
import type pg from 'pg'
import { eventInDays, withDays } from './days.ts'
import { eventCondition, type Filter } from './filter.ts'
import type { Range } from './range.ts'

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
     where event.type in (${leadTypes.map((type) => `'${type}'`)}) and ($4::uuid is null or event.id < $4) and ${eventInDays}${condition.sql}
     order by event.id desc
     limit ${pageRows + 1}`,
    [from, to, timeZone, cursor, ...condition.values],
  )
  const leads = rows.slice(0, pageRows).map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }))
  return { leads, nextCursor: rows.length > pageRows ? leads.at(-1)!.event_id : null }
}
