// Leads and quote requests one by one, newest first.
import type { Lead, Leads } from 'contract/analytics'
import { leadTypes } from 'contract/events'
import type pg from 'pg'
import { ask, type Bounds, eventInDays, sessionOfEvents } from './days.ts'
import { type Filter, isFiltered, sessionCondition } from './filter.ts'
import { countSegment, type Days } from './segments.ts'

const pageRows = 50
/** Above every id. */
const noCursor = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Leads of one page view only, by the trace it made. */
type Narrowed = { cursor: string | null; traceId: string | null }
type Row = Omit<Lead, 'occurred_at'> & { occurred_at: Date }

const isLead = `event.type in (${leadTypes.map((type) => `'${type}'`)})`
const columns = `event.id as event_id, event.type, event.occurred_at, event.session_id,
  replace(event.trace_id::text, '-', '') as trace_id, event.page, session.source, event.properties,
  session.error_at is not null as had_error`

/**
 * One page; `next_cursor` is null on the last one. The cursor is the id of the last lead seen. Narrowed, the leads of counted
 * days are found by what is held of each; without that, every lead is one of them and events are as quick.
 */
export async function listLeads(
  client: pg.ClientBase,
  days: Days,
  filter: Filter,
  { cursor, traceId }: Narrowed,
): Promise<Pick<Leads, 'leads' | 'next_cursor'>> {
  const before = cursor ?? noCursor
  const isNarrowed = isFiltered(filter) || traceId !== null
  const rows: Row[] = []
  for (const bounds of isNarrowed ? days.uncounted : [days.bounds])
    rows.push(...(await listUncounted(client, bounds, filter, before, traceId)))
  const held = isNarrowed ? await listCounted(client, days.counted, filter, before, traceId) : []
  const ids = [...held, ...rows.map((row) => row.event_id)].sort().reverse()
  const page = new Set(ids.slice(0, pageRows))
  rows.push(
    ...(await readLeads(
      client,
      held.filter((id) => page.has(id)),
    )),
  )
  const leads = rows
    .filter(({ event_id }) => page.has(event_id))
    .sort((a, b) => (a.event_id > b.event_id ? -1 : 1))
    .map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }))
  return { leads, next_cursor: ids.length > pageRows ? ids[pageRows - 1]! : null }
}

/** Ids of counted days' first leads. */
async function listCounted(
  client: pg.ClientBase,
  counted: Date[],
  filter: Filter,
  before: string,
  traceId: string | null,
): Promise<string[]> {
  const { sql, values } = sessionCondition(filter, 3)
  // one trace: a statement of its own, for which an index is planned
  const ofTrace = traceId === null ? '' : ` and trace_id = $${3 + values.length}`
  const text = `select event_id from leadlight.segment_leads as session
    where starts = any($1) and event_id < $2${sql}${ofTrace}
    order by event_id desc
    limit ${pageRows + 1}`
  const question = traceId === null ? 'list of counted leads' : 'list of counted leads of a trace'
  const given = [counted, before, ...values, ...(traceId === null ? [] : [traceId])]
  return (await ask<{ event_id: string }>(client, question, filter, text, given)).map((row) => row.event_id)
}

/** The leads with these ids, newest first; one that was erased a moment ago is not there any more. */
async function readLeads(client: pg.ClientBase, ids: string[]): Promise<Row[]> {
  if (ids.length === 0) return []
  const text = `select ${columns}
    from unnest($1::uuid[]) as id,
      -- the bounds say nothing new, but leave out the days of no lead at once
      lateral (
        select * from leadlight.events where events.id = id.id and events.id >= $2 and events.id <= $3 limit 1
      ) as event,
      lateral (
        select source, error_at from leadlight.sessions
        where tenant_id = event.tenant_id and session_id = event.session_id
          and session_id >= leadlight.uuid_floor(uuid_extract_timestamp($2) - interval '2 days') and session_id < leadlight.uuid_floor(uuid_extract_timestamp($3) + interval '1 day')
        limit 1
      ) as session`
  return ask<Row>(client, 'leads by id', {}, text, [ids, ids.at(-1), ids[0]])
}

/** The first of the others, by a limit in each so that the planner looks the sessions up one by one. */
async function listUncounted(
  client: pg.ClientBase,
  bounds: Bounds,
  filter: Filter,
  before: string,
  traceId: string | null,
): Promise<Row[]> {
  const own = sessionCondition(filter, 5, 'own')
  const text = `select ${columns}
    from leadlight.events as event,
      lateral (
        select source, error_at from leadlight.sessions as own
        where own.tenant_id = event.tenant_id and own.session_id = event.session_id and ${sessionOfEvents}${own.sql} limit 1
      ) as session
    where ${isLead} and event.id < $3 and ($4::uuid is null or event.trace_id = $4) and ${eventInDays}
    order by event.id desc
    limit ${pageRows + 1}`
  return ask<Row>(client, 'list of uncounted leads', filter, text, [...bounds, before, traceId, ...own.values])
}

/** How many there are on all pages, and how many of them come from visits in which something failed. */
export async function countLeads(
  client: pg.ClientBase,
  days: Days,
  filter: Filter,
): Promise<Pick<Leads, 'total' | 'with_errors'>> {
  const counts = await countSegment(client, 'leads', days, filter, [...leadTypes, 'failed_leads'])
  return { total: leadTypes.reduce((sum, type) => sum + counts[type], 0), with_errors: counts.failed_leads }
}
