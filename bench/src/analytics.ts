// How long the contractor's page waits for each of its questions, asked of the running service by the busiest contractor.
import { keptDays } from 'contract/limits'
import { rotateToken } from 'ingest-service/cli/tenants'
import type { Bench } from './bench.ts'
import type { Figure } from './figure.ts'
import { type History, sharedHistory } from './history.ts'
import { interleave } from './rounds.ts'
import { startService } from './service-process.ts'
import { median, percentile } from './statistics.ts'

/** Answers of each question in one round. */
const answers = 20
const mostMs = 50
const dayMs = 86_400_000

export const analytics: Bench = {
  about: `each question of the contractor's page, ${keptDays} days, as the busiest contractor`,
  async measure(run) {
    const history = await sharedHistory(run)
    const { database, tenant, events, sessions } = history
    const token = await rotateToken(database.owner, tenant.tenantId, 0)
    const { port } = await startService(run, database, 'grouped')
    const headers = { authorization: `Bearer ${token}` }
    const ask = (path: string) => async (): Promise<number[]> => {
      const tookMs: number[] = []
      for (let i = 0; i < answers; i++) {
        const startedMs = performance.now()
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/analytics/${path}`, { headers })
        const text = await answer.text()
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`)
        tookMs.push(performance.now() - startedMs)
      }
      return tookMs
    }
    const paths = await questionsOf(history)
    const ms = await interleave(Object.fromEntries(paths.map((path) => [path, ask(path)])), run)
    return paths.map((path): Figure => {
      const all = ms[path]!.flat()
      return {
        what: `analytics: ${path}, p95`,
        value: percentile(all, 0.95),
        unit: 'ms',
        budget: { most: mostMs },
        beside: `p50 ${median(all).toFixed(1)} ms; ${events.toLocaleString('en-US')} events of ${sessions.toLocaleString('en-US')} visits`,
      }
    })
  },
}

/** Every call there is, whole and narrowed; all but the journey, which waits for the trace store. */
async function questionsOf({ database, tenant, range: { from, to } }: History): Promise<string[]> {
  const daysBefore = (days: number) => new Date(Date.parse(to) - days * dayMs).toISOString().slice(0, 10)
  const all = `from=${from}&to=${to}`
  const lastWeek = `from=${daysBefore(7)}&to=${to}`
  const withoutToday = `from=${from}&to=${daysBefore(1)}`
  const filters = [
    '',
    '&device=phone',
    '&source=google',
    '&page=%2Froofing',
    '&device=phone&source=google',
    '&device=phone&source=google&page=%2Froofing',
    // one visit in ten thousand, and none
    '&source=partner-7',
    '&page=%2Funknown',
  ]
  const { rows } = await database.superuser.query<{ id: string; trace_id: string }>(
    `select id, replace(trace_id::text, '-', '') as trace_id from leadlight.events
     where tenant_id = $1 and type = 'lead_captured' and id < leadlight.uuid_floor($2)
     order by id desc limit 1`,
    [tenant.tenantId, daysBefore(45)],
  )
  const { id: cursor, trace_id } = rows[0]!
  return [
    ...['summary', 'funnel', 'series', 'performance', 'leads'].flatMap((question) => [
      ...filters.map((filter) => `${question}?${all}${filter}`),
      ...['', '&device=phone'].map((filter) => `${question}?${withoutToday}${filter}`),
    ]),
    ...['', '&device=phone', '&source=partner-7'].map((filter) => `leads?${all}${filter}&cursor=${cursor}`),
    `leads?${all}&trace_id=${trace_id}`,
    ...filters.map((filter) => `series?interval=hour&${lastWeek}${filter}`),
    // the default range: 30 days, with the 30 before
    ...filters.slice(1).map((filter) => `summary?${filter.slice(1)}`),
    ...['device', 'source', 'page'].map((dimension) => `breakdown?by=${dimension}&${all}`),
    'install',
  ]
}
