// Leads and quote requests one by one, newest first.
import type { Lead, Leads } from 'contract/analytics'
import { leadTypes } from 'contract/events'
import type pg from 'pg'
import { eventInDays, withDays } from './days.ts'
import { eventCondition, type Filter } from './filter.ts'
import type { Range } from './range.ts'

const pageRows = 50

/** Leads of one page view only, by the trace it made. */
type Narrowed = { cursor: string | null; traceId: string | null }
type Row = Omit<Lead, 'occurred_at'> & { occurred_at: Date }

const isLead = `event.type in (${leadTypes.map((type) => `'${type}'`)})`
const withSession =
  'from leadlight.events as event left join leadlight.sessions as session using (tenant_id, session_id)'

/** One page; `next_cursor` is null on the last one. The cursor is the id of the last lead seen. */
export async function listLeads(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  filter: Filter,
  { cursor, traceId }: Narrowed,
): Promise<Pick<Leads, 'leads' | 'next_cursor'>> {
  const condition = eventCondition(filter, 6)
  const { rows } = await client.query<Row>(
    `${withDays}
     select event.id as event_id, event.type, event.occurred_at, event.session_id,
       replace(event.trace_id::text, '-', '') as trace_id, event.page, session.source, event.properties,
       session.error_at is not null as had_error
     ${withSession}
     where ${isLead} and ($4::uuid is null or event.id < $4) and ($5::uuid is null or event.trace_id = $5)
       and ${eventInDays}${condition.sql}
     order by event.id desc
     limit ${pageRows + 1}`,
    [from, to, timeZone, cursor, traceId, ...condition.values],
  )
  const leads = rows.slice(0, pageRows).map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }))
  return { leads, next_cursor: rows.length > pageRows ? leads.at(-1)!.event_id : null }
}

/** How many there are on all pages, and how many of them come from visits in which something failed. */
export async function countLeads(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  filter: Filter,
): Promise<Pick<Leads, 'total' | 'with_errors'>> {
  const condition = eventCondition(filter, 4)
  const { rows } = await client.query<Pick<Leads, 'total' | 'with_errors'>>(
    `${withDays} select count(*)::int as total, count(session.error_at)::int as with_errors
     ${withSession}
     where ${isLead} and ${eventInDays}${condition.sql}`,
    [from, to, timeZone, ...condition.values],
  )
  return rows[0]!
}
