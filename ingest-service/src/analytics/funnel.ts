// The funnel of a range of days: how many sessions reached each step.
import type { Step } from 'contract/analytics'
import { funnelTypes } from 'contract/events'
import type pg from 'pg'
import { boundsOf } from './days.ts'
import { type Filter, isFiltered } from './filter.ts'
import type { Range } from './range.ts'
import { rateOf } from './rate.ts'
import { addUpQuarters, countSegment, splitDays } from './segments.ts'

const columns = funnelTypes.map((type) => `reached_${type}` as const)

/** Step k counts sessions that have all of the steps 1…k, in any order: from quarter hours, or from one segment's days. */
export async function countFunnel(
  client: pg.ClientBase,
  range: Range,
  timeZone: string,
  filter: Filter,
): Promise<Step[]> {
  const counts = isFiltered(filter)
    ? await countSegment(client, 'funnel', await splitDays(client, range, timeZone), filter, columns)
    : await addUpQuarters(client, 'funnel', await boundsOf(client, range, timeZone), columns)
  const sessions = columns.map((column) => counts[column])
  return funnelTypes.map((type, k) => ({
    type,
    sessions: sessions[k]!,
    of_first: rateOf(sessions[k]!, sessions[0]!),
    of_previous: k === 0 ? null : rateOf(sessions[k]!, sessions[k - 1]!),
  }))
}
