// What the funnel of a busy contractor costs: from the roll-up, as the portal asks, from the session table, as a
// filter asks about a day that is not over, and from the events themselves.
import { isDeepStrictEqual } from 'node:util'
import { funnelTypes } from 'contract/events'
import { keptDays } from 'contract/limits'
import { boundsOf } from 'ingest-service/analytics/days'
import { countFunnel } from 'ingest-service/analytics/funnel'
import type { Range } from 'ingest-service/analytics/range'
import { countUncounted } from 'ingest-service/analytics/segments'
import { asTenant } from 'ingest-service/database'
import type pg from 'pg'
import type { Bench } from './bench.ts'
import { openTestPool } from './database.ts'
import { sharedHistory } from './history.ts'
import { interleave } from './rounds.ts'
import { median, medianRatio } from './statistics.ts'

export const funnel: Bench = {
  about: `the funnel of ${keptDays} days, from the roll-up, the session table and the events`,
  async measure(run) {
    const { database, tenant, range, events, sessions } = await sharedHistory(run)
    const reader = openTestPool(database.url, run.teardown, { role: 'leadlight_reader', size: 1 })
    const counted: number[][] = []
    const time = (count: (client: pg.ClientBase) => Promise<number[]>) => async (): Promise<number> =>
      asTenant(reader, tenant.tenantId, async (client) => {
        const startedMs = performance.now()
        counted.push(await count(client))
        return performance.now() - startedMs
      })
    const ms = await interleave(
      {
        'roll-up': time(async (client) =>
          (await countFunnel(client, range, 'UTC', {})).map(({ sessions }) => sessions),
        ),
        'session table': time(async (client) =>
          Object.values(
            await countUncounted(
              client,
              'funnel',
              await boundsOf(client, range, 'UTC'),
              {},
              funnelTypes.map((type) => `reached_${type}` as const),
            ),
          ),
        ),
        events: time((client) => countFromEvents(client, range)),
      },
      run,
    )
    const wrong = counted.find((counts) => !isDeepStrictEqual(counts, counted[0]))
    if (wrong) throw new Error(`They disagree: ${counted[0]} and ${wrong}`)
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
