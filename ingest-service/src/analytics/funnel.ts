// The funnel of a range of days: how many sessions reached each step.
import type { Step } from 'contract/analytics'
import { funnelTypes } from 'contract/events'
import type pg from 'pg'
import { ask, boundsOf, quarterInDays, sessionInDays } from './days.ts'
import { type Filter, isFiltered, sessionCondition } from './filter.ts'
import type { Range } from './range.ts'
import { rateOf } from './rate.ts'
import { addedQuarters, countedSessions } from './session-numbers.ts'

const columns = funnelTypes.map((type) => `reached_${type}` as const)
type Counts = Record<(typeof columns)[number], number>

/** Step k counts sessions that have all of the steps 1…k, in any order: from the roll-up, or narrowed from the session table. */
export async function countFunnel(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Step[]> {
  const counts = isFiltered(filter)
    ? await countFromSessions(client, range, timeZone, filter)
    : await addUpQuarters(client, range, timeZone)
  const sessions = columns.map((column) => counts[column])
  return funnelTypes.map((type, k) => ({
    type,
    sessions: sessions[k]!,
    of_first: rateOf(sessions[k]!, sessions[0]!),
    of_previous: k === 0 ? null : rateOf(sessions[k]!, sessions[k - 1]!),
  }))
}

async function addUpQuarters(client: pg.ClientBase, range: Range, timeZone: string): Promise<Counts> {
  const text = `select ${addedQuarters(columns)} from leadlight.quarter_hours where ${quarterInDays}`
  return (await ask<Counts>(client, 'funnel', {}, text, await boundsOf(client, range, timeZone)))[0]!
}

export async function countFromSessions(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Counts> {
  const condition = sessionCondition(filter, 3)
  const text = `select ${countedSessions(columns)} from leadlight.sessions as session
    where ${sessionInDays}${condition.sql}`
  const values = [...(await boundsOf(client, range, timeZone)), ...condition.values]
  return (await ask<Counts>(client, 'funnel of sessions', filter, text, values))[0]!
}
