// Ninety days of fifty contractors, one of them with nearly a fifth of all visitors: what the reading benches ask about.
import { eventTypes } from 'contract/events'
import { keptDays } from 'contract/limits'
import type { Range } from 'ingest-service/analytics/range'
import { ensurePartitions } from 'ingest-service/partitions'
import { rollUp } from 'ingest-service/rollup'
import { countStretches } from 'ingest-service/stretches'
import type { Run } from './bench.ts'
import { type Database, openTestPool, type Server, startServer, type Tenant } from './database.ts'

const tenantCount = 50
const dayMs = 86_400_000
/** Days that one call makes partitions for. */
const partitionDays = 17
/** The visits below have about this many events each. */
const eventsPerVisit = 5.49

export type History = {
  database: Database
  /** The busy one, with what it has. */
  tenant: Tenant
  events: number
  sessions: number
  /** All days there are. */
  range: Range
}

let shared: Promise<History> | undefined

/** Made once for all benches of a run that only read it: making one of ten million events takes ten minutes. */
export function sharedHistory(run: Run): Promise<History> {
  const lasting = { ...run, teardown: run.teardownOfAll }
  shared ??= startServer(lasting).then((server) => makeHistory(lasting, server, 'history'))
  return shared
}

export async function makeHistory(run: Run, server: Server, name: string): Promise<History> {
  const database = await server.createDatabase(name, tenantCount)
  const now = new Date()
  const range: Range = { from: isoDate(now.getTime() - (keptDays - 1) * dayMs), to: isoDate(now.getTime()) }
  for (let back = 0; back <= keptDays + partitionDays; back += partitionDays - 1) {
    const client = await database.owner.connect()
    await ensurePartitions(client, new Date(now.getTime() - back * dayMs)).finally(() => client.release())
  }
  run.say(`making ${run.events.toLocaleString('en-US')} events`)
  await makeEvents(database, run.events, range.from, now)
  run.say('counting them')
  await makeCounts(database, now, run)
  const tenant = database.tenants[0]!
  const { rows } = await database.superuser.query<{ events: number; sessions: number }>(
    `select (select count(*) from leadlight.events where tenant_id = $1)::int as events,
       (select count(*) from leadlight.sessions where tenant_id = $1)::int as sessions`,
    [tenant.tenantId],
  )
  return { database, tenant, range, ...rows[0]! }
}

/**
 * Visits spread evenly from the first midnight until now; each goes on to the next step or leaves. Written by SQL, since
 * the way through the service is measured elsewhere.
 */
async function makeEvents({ superuser, tenants }: Database, events: number, from: string, now: Date): Promise<void> {
  const id = (ms: string) => `overlay(gen_random_uuid()::text placing
    (select substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7' from lpad(to_hex(${ms}), 12, '0') as hex) from 1 for 15)::uuid`
  const around = (ms: number) => `round((${ms} * exp(random() + random() + random() - 1.5))::numeric, 1)`
  const oneOf = (...values: string[]) =>
    `(array[${values.map((value) => `'${value}'`)}])[1 + floor(random() * ${values.length})::int]`
  const source = `case when random() < 0.002 then 'partner-' || floor(random() * 20)::int else ${oneOf('google', 'google', 'bing', 'flyer', 'newsletter')} end`
  const properties = {
    widget_loaded: `'load_ms', ${around(400)}, 'device', ${oneOf('phone', 'phone', 'desktop', 'tablet')}, 'utm_source', ${source}`,
    widget_opened: "'trigger', 'click'",
    message_sent: `'position', 1, 'response_ms', ${around(800)}`,
    estimate_generated: `'duration_ms', ${around(3_000)}`,
    lead_captured: "'contact', 'phone'",
    quote_requested: "'service', 'roofing'",
    widget_error: `'error_type', ${oneOf('TypeError', 'RangeError', 'AbortError')}, 'source', 'api'`,
  }
  await superuser.query(
    `create temporary table visits as
     select
       ($3::uuid[])[case when n % 50 < 9 then 1 else 2 + n % $4 end] as tenant_id,
       ${id('ms')} as session_id, ms, random() as luck, random() < 0.02 as fails, 2 + n % 8 as messages
     from generate_series(1, $5::int) as n,
       lateral (select (first_ms + (random() + n * 0) * (extract(epoch from $2::timestamptz) * 1000 - first_ms))::bigint as ms
         from (select extract(epoch from $1::date::timestamp) * 1000 as first_ms) as midnight)`,
    [from, now, tenants.map(({ tenantId }) => tenantId), tenantCount - 1, Math.round(events / eventsPerVisit)],
  )
  await superuser.query(
    `insert into leadlight.events
       (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
     select tenant_id, ${id('event_ms')}, session_id, to_timestamp(event_ms / 1000.0), type::leadlight.event_type,
       gen_random_uuid(), '\\x0123456789abcdef', (array['/', '/roofing', '/roofing/estimate', '/contact'])[1 + event_ms % 4], '1.4.' || event_ms % 3,
       case type ${Object.entries(properties)
         .map(([type, pairs]) => `when '${type}' then jsonb_build_object(${pairs})`)
         .join(' ')} end
     from visits,
       lateral (
         select 'widget_loaded' as type, 1 as place
         union all select 'widget_opened', 2 where luck < 0.7
         union all select 'message_sent', 2 + k from generate_series(1, messages) as k where luck < 0.6
         union all select 'estimate_generated', 12 where luck < 0.3
         union all select 'lead_captured', 13 where luck < 0.1
         union all select 'quote_requested', 14 where luck < 0.05
         union all select 'widget_error', 3 + k from generate_series(1, 2) as k where fails
       ) as steps,
       lateral (select ms + place * 10000 as event_ms) as at
     order by event_ms`,
  )
  const first = eventTypes.map((type) => `min(occurred_at) filter (where type = '${type}')`)
  const ofLoad = (value: string) => `min(${value}) filter (where type = 'widget_loaded')`
  await superuser.query(
    `insert into leadlight.sessions
       (tenant_id, session_id, loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at, error_at, messages, device, source, page)
     select tenant_id, session_id, ${first}, count(*) filter (where type = 'message_sent'),
       ${ofLoad("properties ->> 'device'")}, ${ofLoad("properties ->> 'utm_source'")}, ${ofLoad('page')}
     from leadlight.events group by tenant_id, session_id order by session_id`,
  )
}

async function makeCounts({ url, superuser }: Database, now: Date, { teardown }: Run): Promise<void> {
  await superuser.query(
    `insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
     select array_agg(tenant_id), array_agg(quarter) from (
       select tenant_id, leadlight.quarter_of(occurred_at) as quarter from leadlight.events
       union select tenant_id, leadlight.quarter_of(uuid_extract_timestamp(session_id)) from leadlight.sessions
     ) as pair group by date_trunc('day', quarter)`,
  )
  await superuser.query('analyze')
  const counting = openTestPool(url, teardown, { role: 'leadlight_rollup', size: 1 })
  await rollUp(counting, new Date(0))
  await superuser.query('analyze')
  await countStretches(counting, now, new Date(now.getTime() - keptDays * dayMs))
  await superuser.query('vacuum analyze')
}

const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
