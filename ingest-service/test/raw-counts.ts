// What the analytics must say, counted another way: from the raw events alone, by SQL that shares nothing with the service's.
import type pg from 'pg'

const funnel = [
  'widget_loaded',
  'widget_opened',
  'message_sent',
  'estimate_generated',
  'lead_captured',
  'quote_requested',
]
const types = [...funnel, 'widget_error']

export type Asked = {
  tenantId: string
  from: string
  to: string
  timeZone: string
  device?: string
  source?: string
  page?: string
}

/** Two relations: the tenant's events with their local day, and their visits with theirs. */
const raw = `
  first_load as (
    select distinct on (session_id) session_id, properties ->> 'device' as device,
      coalesce(properties ->> 'utm_source', properties ->> 'referrer_host') as source, page as landing_page
    from leadlight.events where tenant_id = $1 and type = 'widget_loaded' order by session_id, occurred_at, received_at, id
  ), event as (
    select e.*, f.device, f.source, (e.occurred_at at time zone $4)::date between $2 and $3 as is_asked
    from leadlight.events e left join first_load f using (session_id)
    where tenant_id = $1 and ($5::text is null or f.device = $5)
      and ($6::text is null or f.source = $6) and ($7::text is null or f.landing_page = $7)
  ), visit as (
    select session_id, array_agg(distinct type::text) as had, count(*) filter (where type = 'message_sent') as messages
    from event
    where (uuid_extract_timestamp(session_id) at time zone $4)::date between $2 and $3
    group by session_id
  )`
const valuesOf = ({ tenantId, from, to, timeZone, device, source, page }: Asked) => [
  tenantId,
  from,
  to,
  timeZone,
  device ?? null,
  source ?? null,
  page ?? null,
]

/** The same numbers as the API's answers, bare: views, sessions, pairs of the rates, steps, failures, and days by type. */
export async function countRaw(db: pg.Pool, asked: Asked) {
  const pair = (numerator: string[], denominator: string[]) =>
    `array[count(*) filter (where had @> '{${[...new Set([...numerator, ...denominator])]}}'), count(*) filter (where had @> '{${denominator}}')]::int[]`
  const [loaded, opened, , estimate, lead, quote] = funnel as [string, string, string, string, string, string]
  const { rows } = await db.query(
    `with ${raw}
     select
       (select count(*)::int from event where is_asked and type = 'widget_loaded') as views,
       count(*) filter (where had @> '{widget_loaded}')::int as sessions,
       ${pair([opened], [loaded])} as engagement,
       ${pair([estimate], [opened])} as estimate,
       ${pair([lead], [opened])} as lead,
       ${pair([quote], [opened])} as quote,
       array[coalesce(sum(messages), 0), count(*) filter (where messages > 0)]::int[] as conversation,
       array[${funnel.map((_, k) => `count(*) filter (where had @> '{${funnel.slice(0, k + 1)}}')`)}]::int[] as steps,
       array[count(*) filter (where had @> '{widget_error}'), count(*)]::int[] as failures
     from visit`,
    valuesOf(asked),
  )
  return rows[0]
}

/** Counts by type of every day or hour that has any, by the beginning of it in milliseconds. */
export async function countRawPoints(db: pg.Pool, asked: Asked, unit: 'day' | 'hour') {
  const midnight = '(occurred_at at time zone $4)::date::timestamp at time zone $4'
  const start =
    unit === 'day'
      ? midnight
      : `(${midnight}) + floor(extract(epoch from occurred_at - (${midnight})) / 3600) * interval '1 hour'`
  const { rows } = await db.query(
    `with ${raw}
     select extract(epoch from ${start})::float8 * 1000 as start_ms, type::text, count(*)::int
     from event where is_asked group by 1, 2`,
    valuesOf(asked),
  )
  const points = new Map<number, Record<string, number>>()
  for (const { start_ms, type, count } of rows) {
    const point = points.get(start_ms) ?? Object.fromEntries(types.map((each) => [each, 0]))
    point[type] = count
    points.set(start_ms, point)
  }
  return points
}

/** Leads and quotes, and those of visits with an error at any time. */
export async function countRawLeads(db: pg.Pool, asked: Asked) {
  const { rows } = await db.query<{ total: number; with_errors: number }>(
    `with ${raw}
     select count(*)::int as total, count(*) filter (where exists (
       select 1 from leadlight.events f where f.tenant_id = $1 and f.session_id = event.session_id and f.type = 'widget_error'
     ))::int as with_errors
     from event where is_asked and type in ('lead_captured', 'quote_requested')`,
    valuesOf(asked),
  )
  return rows[0]!
}

/** Each of them, newest id first. */
export async function listRawLeads(db: pg.Pool, asked: Asked) {
  const { rows } = await db.query<{ id: string; source: string | null; had_error: boolean }>(
    `with ${raw}
     select id, source, exists (
       select 1 from leadlight.events f where f.tenant_id = $1 and f.session_id = event.session_id and f.type = 'widget_error'
     ) as had_error
     from event where is_asked and type in ('lead_captured', 'quote_requested') order by id desc`,
    valuesOf(asked),
  )
  return rows
}

/** Errors of each kind, as texts in order. */
export async function countRawErrors(db: pg.Pool, asked: Asked): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `with ${raw}
     select concat_ws(' ', properties ->> 'error_type', coalesce(properties ->> 'source', '-'), count(*)) as line
     from event where is_asked and type = 'widget_error' group by properties ->> 'error_type', properties ->> 'source'`,
    valuesOf(asked),
  )
  return rows.map(({ line }) => line).sort()
}

/** Exact percentiles (nearest rank) and number of one measured property. */
export async function measureRaw(db: pg.Pool, asked: Asked, type: string, property: string) {
  const { rows } = await db.query<{ values: number[] | null }>(
    `with ${raw} select array_agg((properties ->> '${property}')::float8 order by (properties ->> '${property}')::float8) as values
     from event where is_asked and type = '${type}' and properties ? '${property}'`,
    valuesOf(asked),
  )
  const values = rows[0]!.values ?? []
  const at = (share: number) => (values.length ? values[Math.ceil(share * values.length) - 1]! : null)
  return { p50: at(0.5), p75: at(0.75), p95: at(0.95), count: values.length }
}

/** Quarter hours of the roll-up that are not what the events say, whichever side lacks or has more; empty when all is right. */
export async function findMiscounted(db: pg.Pool): Promise<unknown[]> {
  const quarterOf = (moment: string) => `to_timestamp(floor(extract(epoch from ${moment}) / 900) * 900)`
  const { rows } = await db.query(
    `with visit as (
       select tenant_id, session_id, array_agg(distinct type::text) as had, count(*) filter (where type = 'message_sent') as messages
       from leadlight.events group by 1, 2
     ), counts as (
       select tenant_id, ${quarterOf('occurred_at')} as quarter, array[${types.map((type) => `count(*) filter (where type = '${type}')`)}] as events, null::bigint[] as visits
       from leadlight.events group by 1, 2
       union all
       select tenant_id, ${quarterOf('uuid_extract_timestamp(session_id)')}, null, array[
         count(*), count(*) filter (where had @> '{widget_error}'), count(*) filter (where had @> '{widget_opened}'), sum(messages)::bigint,
         ${funnel.map((_, k) => `count(*) filter (where had @> '{${funnel.slice(0, k + 1)}}')`)}]
       from visit group by 1, 2
     ), expected as (
       select tenant_id, quarter,
         coalesce(max(events), array_fill(0::bigint, '{${types.length}}')) as events,
         coalesce(max(visits), array_fill(0::bigint, '{${4 + funnel.length}}')) as visits
       from counts group by 1, 2
     ), rolled as (
       select tenant_id, quarter, array[${types}]::bigint[] as events,
         array[sessions, failed, opened, messages, ${funnel.map((type) => `reached_${type}`)}]::bigint[] as visits
       from leadlight.quarter_hours
       where sessions > 0 or (${types.join(' + ')}) > 0
     )
     select * from expected full join rolled using (tenant_id, quarter)
     where expected.events is distinct from rolled.events or expected.visits is distinct from rolled.visits`,
  )
  return rows
}
