// The funnel of a range of days: how many sessions reached each step.
import type { Step } from 'contract/analytics'
import { funnelTypes } from 'contract/events'
import type pg from 'pg'
import { quarterInDays, sessionInDays, withDays } from './days.ts'
import { type Filter, filters, isFiltered, sessionCondition } from './filter.ts'
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

async function addUpQuarters(client: pg.ClientBase, { from, to }: Range, timeZone: string): Promise<Counts> {
  const { rows } = await client.query<Counts>(
    `${withDays} select ${addedQuarters(columns)} from leadlight.quarter_hours where ${quarterInDays}`,
    [from, to, timeZone],
  )
  return rows[0]!
}

export async function countFromSessions(
  client: pg.ClientBase,
  { from, to }: Range,
  timeZone: string,
  filter: Filter,
): Promise<Counts> {
  const condition = sessionCondition(filter, 4)
  const { rows } = await client.query<Counts>({
    // named, so that a connection plans its hundred partitions once: a third of the time of each call (measured)
    name: ['funnel', ...filters.filter((name) => filter[name] !== undefined)].join(' '),
    text: `${withDays}
     select ${countedSessions(columns)} from leadlight.sessions as session where ${sessionInDays}${condition.sql}`,
    values: [from, to, timeZone, ...condition.values],
  })
  return rows[0]!
}
