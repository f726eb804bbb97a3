// How fast the widget loaded and answered, and what went wrong.
import type { Performance } from 'contract/analytics'
import type pg from 'pg'
import { eventInDays, quarterInDays, sessionInDays, withDays } from './days.ts'
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
  const question = { client, values: [range.from, range.to, timeZone], filter }
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

type Question = { client: pg.ClientBase; values: string[]; filter: Filter }

async function addUpQuarters({ client, values }: Question): Promise<Histograms & Failures> {
  const { rows } = await client.query<Histograms & Failures>(
    `${withDays} select ${histograms.map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(', ')},
       ${addedQuarters(['failed', 'sessions'])}
     from leadlight.quarter_hours where ${quarterInDays}`,
    values,
  )
  return rows[0]!
}

async function measureEvents({ client, values, filter }: Question): Promise<Histograms> {
  const condition = eventCondition(filter, 4)
  const types = histograms.map((name) => `'${measured[name].type}'`)
  const { rows } = await client.query<Histograms>(
    `${withDays} select ${countedHistograms} from leadlight.events as event
     where type in (${types}) and ${eventInDays}${condition.sql}`,
    [...values, ...condition.values],
  )
  return rows[0]!
}

async function countFailures({ client, values, filter }: Question): Promise<Failures> {
  const condition = sessionCondition(filter, 4)
  const { rows } = await client.query<Failures>(
    `${withDays} select ${countedSessions(['failed', 'sessions'])}
     from leadlight.sessions as session where ${sessionInDays}${condition.sql}`,
    [...values, ...condition.values],
  )
  return rows[0]!
}

/** Errors are few and have an index of their own. */
async function listErrors({ client, values, filter }: Question): Promise<Performance['errors']> {
  const condition = eventCondition(filter, 4)
  const { rows } = await client.query<Performance['errors'][number]>(
    `${withDays}
     select properties ->> 'error_type' as type, properties ->> 'source' as source, properties ->> 'operation' as operation,
       count(*)::int as count
     from leadlight.events as event
     where type = 'widget_error' and ${eventInDays}${condition.sql}
     group by 1, 2, 3
     order by 4 desc, 1, 2, 3
     limit ${maxErrors}`,
    [...values, ...condition.values],
  )
  return rows
}
