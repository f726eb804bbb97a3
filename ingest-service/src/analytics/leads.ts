// Leads and quote requests one by one, newest first.
import type { Lead, Leads } from 'contract/analytics'
import { leadTypes } from 'contract/events'
import type pg from 'pg'
import { ask, boundsOf, eventInDays } from './days.ts'
import { eventCondition, type Filter } from './filter.ts'
import type { Range } from './range.ts'
import { countSegment, splitDays } from './segments.ts'

const pageRows = 50

/** Leads of one page view only, by the trace it made. */
type Narrowed = { cursor: string | null; traceId: string | null }
type Row = Omit<Lead, 'occurred_at'> & { occurred_at: Date }

const isLead = `event.type in (${leadTypes.map((type) => `'${type}'`)})`
/** One page; `next_cursor` is null on the last one. The cursor is the id of the last lead seen. */
export async function listLeads(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
  { cursor, traceId }: Narrowed,
): Promise<Pick<Leads, 'leads' | 'next_cursor'>> {
  const condition = eventCondition(filter, 5)
  const rows = await ask<Row>(
    client,
    'leads',
    filter,
    `select event.id as event_id, event.type, event.occurred_at, event.session_id,
       replace(event.trace_id::text, '-', '') as trace_id, event.page, session.source, event.properties,
       session.error_at is not null as had_error
     from leadlight.events as event left join leadlight.sessions as session using (tenant_id, session_id)
     where ${isLead} and ($3::uuid is null or event.id < $3) and ($4::uuid is null or event.trace_id = $4)
       and ${eventInDays}${condition.sql}
     order by event.id desc
     limit ${pageRows + 1}`,
    [...(await boundsOf(client, range, timeZone)), cursor, traceId, ...condition.values],
  )
  const leads = rows.slice(0, pageRows).map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }))
  return { leads, next_cursor: rows.length > pageRows ? leads.at(-1)!.event_id : null }
}

/** How many there are on all pages, and how many of them come from visits in which something failed. */
export async function countLeads(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Pick<Leads, 'total' | 'with_errors'>> {
  const days = await splitDays(client, range, timeZone)
  const counts = await countSegment(client, 'leads', days, filter, [...leadTypes, 'failed_leads'])
  return { total: leadTypes.reduce((sum, type) => sum + counts[type], 0), with_errors: counts.failed_leads }
}
