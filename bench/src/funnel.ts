// What the funnel of a busy contractor costs: from the roll-up, as the portal asks, from the session table, as a filter
// asks, and from the events themselves.
import { isDeepStrictEqual } from 'node:util'
import { eventTypes, funnelTypes } from 'contract/events'
import { keptDays } from 'contract/limits'
import { countFromSessions, countFunnel } from 'ingest-service/analytics/funnel'
import type { Range } from 'ingest-service/analytics/range'
import { asTenant } from 'ingest-service/database'
import { ensurePartitions } from 'ingest-service/partitions'
import { rollUp } from 'ingest-service/rollup'
import type pg from 'pg'
import type { Bench, Run } from './bench.ts'
import { type Database, openTestPool, startServer } from './database.ts'
import { interleave } from './rounds.ts'
import { median, medianRatio } from './statistics.ts'

const tenantCount = 50
const dayMs = 86_400_000
/** Days that one call makes partitions for. */
const partitionDays = 17
/** The visits below have about this many events each. */
const eventsPerVisit = 5.45

export const funnel: Bench = {
  about: `the funnel of ${keptDays} days, from the roll-up, the session table and the events`,
  async measure(run) {
    const server = await startServer(run)
    const database = await server.createDatabase('funnel', tenantCount)
    const now = new Date()
    const range: Range = { from: isoDate(now.getTime() - (keptDays - 1) * dayMs), to: isoDate(now.getTime()) }
    run.say(`making ${run.events.toLocaleString('en-US')} events`)
    await fill(database, run, range, now)
    const { tenantId } = database.tenants[0]!
    const { rows } = await database.superuser.query<{ events: number; sessions: number }>(
      `select (select count(*) from leadlight.events where tenant_id = $1)::int as events,
         (select count(*) from leadlight.sessions where tenant_id = $1)::int as sessions`,
      [tenantId],
    )
    const reader = openTestPool(database.url, run.teardown, { role: 'leadlight_reader', size: 1 })
    const counted: number[][] = []
    const time = (count: (client: pg.ClientBase) => Promise<number[]>) => async (): Promise<number> =>
      asTenant(reader, tenantId, async (client) => {
        const startedMs = performance.now()
        counted.push(await count(client))
        return performance.now() - startedMs
      })
    const ms = await interleave(
      {
        'roll-up': time(async (client) =>
          (await countFunnel(client, range, 'UTC', {})).map(({ sessions }) => sessions),
        ),
        'session table': time(async (client) => Object.values(await countFromSessions(client, range, 'UTC', {}))),
        events: time((client) => countFromEvents(client, range)),
      },
      run,
    )
    const wrong = counted.find((counts) => !isDeepStrictEqual(counts, counted[0]))
    if (wrong) throw new Error(`They disagree: ${counted[0]} and ${wrong}`)
    const { events, sessions } = rows[0]!
    const versus = (name: 'roll-up' | 'session table') =>
      `${median(ms[name]).toFixed(1)} v ${median(ms.events).toFixed(1)} ms; ${events.toLocaleString('en-US')} events of ${sessions.toLocaleString('en-US')} visits`
    return [
      {
        what: `funnel: roll-up, ${keptDays} days`,
        value: median(ms['roll-up']),
        unit: 'ms',
        budget: { most: 10 },
        beside: `${counted.length} answers, all the same`,
      },
      {
        what: `funnel: roll-up ÷ events, ${keptDays} days`,
        value: medianRatio(ms['roll-up'], ms.events),
        unit: 'x',
        budget: { most: 0.01 },
        beside: versus('roll-up'),
      },
      {
        what: `funnel: session table ÷ events, ${keptDays} days`,
        value: medianRatio(ms['session table'], ms.events),
        unit: 'x',
        budget: { most: 0.2 },
        beside: versus('session table'),
      },
    ]
  },
}

/** The same question put to the events, in one pass. */
async function countFromEvents(client: pg.ClientBase, { from, to }: Range): Promise<number[]> {
  const reached = funnelTypes.map((type) => `bool_or(type = '${type}') as ${type}`)
  const counts = funnelTypes.map((_, k) => `count(*) filter (where ${funnelTypes.slice(0, k + 1).join(' and ')})::int`)
  const { rows } = await client.query<{ counts: number[] }>(
    `with bounds as (
       select leadlight.uuid_floor($1::date::timestamp at time zone 'UTC') as first,
         leadlight.uuid_floor(($2::date + 1)::timestamp at time zone 'UTC') as past,
         leadlight.uuid_floor(($2::date + 2)::timestamp at time zone 'UTC') as past_events
     ), visits as (
       select session_id, ${reached}
       from leadlight.events
       where id >= (select first from bounds) and id < (select past_events from bounds)
         and session_id >= (select first from bounds) and session_id < (select past from bounds)
       group by session_id
     )
     select array[${counts}] as counts from visits`,
    [from, to],
  )
  return rows[0]!.counts
}

/**
 * Visits spread evenly over the days, every fifth of the first tenant; each goes on to the next step or leaves. Written
 * by SQL, since the way through the service is measured elsewhere.
 */
async function fill(
  { owner, superuser, tenants, url }: Database,
  { events, teardown }: Run,
  { from, to }: Range,
  now: Date,
) {
  for (let back = 0; back <= keptDays + partitionDays; back += partitionDays - 1) {
    const client = await owner.connect()
    await ensurePartitions(client, new Date(now.getTime() - back * dayMs)).finally(() => client.release())
  }
  const id = (ms: string) => `overlay(gen_random_uuid()::text placing
    (select substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7' from lpad(to_hex(${ms}), 12, '0') as hex) from 1 for 15)::uuid`
  await superuser.query(
    `create temporary table visits as
     select
       ($3::uuid[])[case when n % 5 = 0 then 1 else 2 + n % $4 end] as tenant_id,
       ${id('ms')} as session_id, ms, random() as luck, 2 + n % 8 as messages
     from generate_series(1, $5::int) as n,
       lateral (select (extract(epoch from $1::date::timestamp) * 1000 + (random() + n * 0) * ($2::date - $1::date) * 86400000)::bigint as ms)`,
    [from, to, tenants.map(({ tenantId }) => tenantId), tenantCount - 1, Math.round(events / eventsPerVisit)],
  )
  await superuser.query(
    `insert into leadlight.events
       (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
     select tenant_id, ${id('event_ms')}, session_id, to_timestamp(event_ms / 1000.0), type::leadlight.event_type,
       gen_random_uuid(), '\\x0123456789abcdef', '/services/roofing/free-estimate', '1.4.2',
       '{"position": 3, "response_ms": 812.4}'
     from visits,
       lateral (
         select 'widget_loaded' as type, 1 as place
         union all select 'widget_opened', 2 where luck < 0.7
         union all select 'message_sent', 2 + k from generate_series(1, messages) as k where luck < 0.6
         union all select 'estimate_generated', 12 where luck < 0.3
         union all select 'lead_captured', 13 where luck < 0.1
         union all select 'quote_requested', 14 where luck < 0.05
       ) as steps,
       lateral (select ms + place * 10000 as event_ms) as at
     order by event_ms`,
  )
  const first = eventTypes.map((type) => `min(occurred_at) filter (where type = '${type}')`)
  await superuser.query(
    `insert into leadlight.sessions (tenant_id, session_id, loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at, error_at, messages, page)
     select tenant_id, session_id, ${first}, count(*) filter (where type = 'message_sent'), min(page)
     from leadlight.events group by tenant_id, session_id order by session_id`,
  )
  await superuser.query(
    `insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
     select array_agg(tenant_id), array_agg(quarter) from (
       select tenant_id, leadlight.quarter_of(occurred_at) as quarter from leadlight.events
       union select tenant_id, leadlight.quarter_of(uuid_extract_timestamp(session_id)) from leadlight.sessions
     ) as pair group by date_trunc('day', quarter)`,
  )
  await rollUp(openTestPool(url, teardown, { role: 'leadlight_rollup', size: 1 }), new Date(0))
  await superuser.query('vacuum analyze')
}

const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
