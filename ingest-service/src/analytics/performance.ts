// How fast the widget loaded and answered, and what went wrong.
import type { Performance } from 'contract/analytics'
import type pg from 'pg'
import { ask, boundsOf, eventInDays, quarterInDays, sessionInDays } from './days.ts'
import { eventCondition, type Filter, isFiltered, sessionCondition } from './filter.ts'
import { countedHistograms, histograms, measured, readHistogram } from './histogram.ts'
import type { Range } from './range.ts'
import { rateOf } from './rate.ts'
import { addedQuarters, countedSessions } from './session-numbers.ts'

const maxErrors = 50

type Histograms = Record<(typeof histograms)[number], string>
type Failures = { failed: number; sessions: number }

/** Percentiles are those of the roll-up's buckets, with a filter too, so that the two can be compared. */
export async function measurePerformance(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Performance> {
  const question = { client, bounds: await boundsOf(client, range, timeZone), filter }
  const { load_ms, message_ms, estimate_ms, failed, sessions } = isFiltered(filter)
    ? { ...(await measureEvents(question)), ...(await countFailures(question)) }
    : await addUpQuarters(question)
  return {
    load_ms: readHistogram(load_ms),
    response_ms: { send_message: readHistogram(message_ms), create_estimate: readHistogram(estimate_ms) },
    error_rate: rateOf(failed, sessions),
    errors: await listErrors(question),
  }
}

type Question = { client: pg.ClientBase; bounds: [Date, Date]; filter: Filter }

async function addUpQuarters({ client, bounds }: Question): Promise<Histograms & Failures> {
  const text = `select ${histograms.map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(', ')},
      ${addedQuarters(['failed', 'sessions'])}
    from leadlight.quarter_hours where ${quarterInDays}`
  return (await ask<Histograms & Failures>(client, 'performance', {}, text, bounds))[0]!
}

async function measureEvents({ client, bounds, filter }: Question): Promise<Histograms> {
  const condition = eventCondition(filter, 3)
  const types = histograms.map((name) => `'${measured[name].type}'`)
  const text = `select ${countedHistograms} from leadlight.events as event
    where type in (${types}) and ${eventInDays}${condition.sql}`
  return (await ask<Histograms>(client, 'histograms of events', filter, text, [...bounds, ...condition.values]))[0]!
}

async function countFailures({ client, bounds, filter }: Question): Promise<Failures> {
  const condition = sessionCondition(filter, 3)
  const text = `select ${countedSessions(['failed', 'sessions'])}
    from leadlight.sessions as session where ${sessionInDays}${condition.sql}`
  return (await ask<Failures>(client, 'failures of sessions', filter, text, [...bounds, ...condition.values]))[0]!
}

/** Errors are few and have an index of their own. */
async function listErrors({ client, bounds, filter }: Question): Promise<Performance['errors']> {
  const condition = eventCondition(filter, 3)
  const text = `select properties ->> 'error_type' as type, properties ->> 'source' as source,
      properties ->> 'operation' as operation, count(*)::int as count
    from leadlight.events as event
    where type = 'widget_error' and ${eventInDays}${condition.sql}
    group by 1, 2, 3
    order by 4 desc, 1, 2, 3
    limit ${maxErrors}`
  return ask(client, 'errors', filter, text, [...bounds, ...condition.values])
}
