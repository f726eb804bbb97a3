// How fast the widget loaded and answered, and what went wrong.
import type { Distribution, Performance } from 'contract/analytics'
import type pg from 'pg'
import { eventInDays, sessionInDays, withDays } from './days.ts'
import { eventCondition, type Filter, sessionCondition } from './filter.ts'
import type { Range } from './range.ts'
import { rateOf } from './rate.ts'

/** What each distribution is made of. */
const measured = {
  load: ['widget_loaded', 'load_ms'],
  message: ['message_sent', 'response_ms'],
  estimate: ['estimate_generated', 'duration_ms'],
} as const

const maxErrors = 50

/** Percentiles are values that occurred (no interpolation), in milliseconds. */
export async function measurePerformance(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  filter: Filter,
): Promise<Performance> {
  const ofEvents = eventCondition(filter, 4)
  const ofSessions = sessionCondition(filter, 4)
  const values = [from, to, timeZone, ...ofSessions.values]
  const distributions = Object.entries(measured).map(([name, [type, property]]) => {
    const number = `(properties ->> '${property}')::float8`
    const known = `filter (where type = '${type}' and properties ? '${property}')`
    return `percentile_disc(array[0.5, 0.75, 0.95]) within group (order by ${number}) ${known} as ${name},
      count(*) ${known}::int as ${name}_count`
  })
  const { rows: times } = await client.query<Record<string, number[] | number | null>>(
    `${withDays} select ${distributions} from leadlight.events as event
     where type in ('widget_loaded', 'message_sent', 'estimate_generated') and ${eventInDays}${ofEvents.sql}`,
    values,
  )
  const { rows: sessions } = await client.query<{ failed: number; all: number }>(
    `${withDays} select count(error_at)::int as failed, count(*)::int as all
     from leadlight.sessions as session where ${sessionInDays}${ofSessions.sql}`,
    values,
  )
  const { rows: errors } = await client.query<Performance['errors'][number]>(
    `${withDays}
     select properties ->> 'error_type' as type, properties ->> 'source' as source, properties ->> 'operation' as operation,
       count(*)::int as count
     from leadlight.events as event
     where type = 'widget_error' and ${eventInDays}${ofEvents.sql}
     group by 1, 2, 3
     order by 4 desc, 1, 2, 3
     limit ${maxErrors}`,
    values,
  )
  const distribution = (name: keyof typeof measured): Distribution => {
    const [p50 = null, p75 = null, p95 = null] = (times[0]![name] as number[] | null) ?? []
    return { p50, p75, p95, count: Number(times[0]![`${name}_count`]) }
  }
  return {
    load_ms: distribution('load'),
    response_ms: { send_message: distribution('message'), create_estimate: distribution('estimate') },
    error_rate: rateOf(sessions[0]!.failed, sessions[0]!.all),
    errors,
  }
}
