// What every question of the dashboards to PostgreSQL costs when it is asked about all that is held.
import { keptDays } from 'contract/limits'
import { dashboards } from 'grafana/dashboards'
import { type Context, fillSql } from 'grafana/macros'
import pg from 'pg'
import type { Bench, Run } from './bench.ts'
import { startServer } from './database.ts'
import type { Figure } from './figure.ts'
import { makeHistory } from './history.ts'
import { median } from './statistics.ts'

const dayMs = 86_400_000
/** What a person waits for without wondering. */
const patienceMs = 2_000
/** Points of a graph as wide as a screen. */
const points = 1_080

type Question = { title: string; ask: () => Promise<unknown> }

export const panels: Bench = {
  about: `every question of the dashboards to PostgreSQL, asked about ${keptDays} days`,
  measure: async (run) => [await measurePostgres(run)],
}

async function measurePostgres(run: Run): Promise<Figure> {
  const { database, tenant } = await makeHistory(run, await startServer(run), 'panels')
  const client = new pg.Client({ connectionString: database.url, options: '-c role=leadlight_dashboards' })
  await client.connect()
  run.teardown(() => client.end())
  const context = contextOf({ tenant: tenant.tenantId })
  const questions = queries().map(({ title, text }) => ({
    title,
    ask: () => client.query(fillSql(text, context)),
  }))
  return figureOf(await time(run, questions))
}

async function time({ rounds, say }: Run, questions: Question[]): Promise<{ title: string; ms: number }[]> {
  const times: { title: string; ms: number }[] = []
  for (const { title, ask } of questions) {
    const ms: number[] = []
    // the first one warms up
    for (let round = 0; round <= rounds; round++) {
      const startedMs = performance.now()
      await ask()
      if (round > 0) ms.push(performance.now() - startedMs)
    }
    times.push({ title, ms: median(ms) })
    say(`${title}: ${median(ms).toFixed(1)} ms`)
  }
  return times
}

function figureOf(times: { title: string; ms: number }[]): Figure {
  const [slowest] = times.toSorted((a, b) => b.ms - a.ms)
  return {
    what: `dashboards: slowest query to PostgreSQL, ${keptDays} days`,
    value: slowest?.ms ?? Number.NaN,
    unit: 'ms',
    budget: { most: patienceMs },
    beside: `${slowest?.title}; median of ${times.length}: ${median(times.map(({ ms }) => ms)).toFixed(0)} ms`,
  }
}

function contextOf(variables: Record<string, string>): Context {
  const to = new Date()
  const intervalSeconds = Math.round((keptDays * dayMs) / 1_000 / points)
  return { from: new Date(to.getTime() - keptDays * dayMs), to, intervalSeconds, variables }
}

const queries = () =>
  Object.entries(dashboards).flatMap(([name, { panels = [] }]) =>
    panels.flatMap((panel) =>
      ('targets' in panel ? (panel.targets ?? []) : []).flatMap((target) => {
        const { rawSql: text } = target as { rawSql?: string }
        return text ? [{ title: `${name}: ${panel.title}`, text }] : []
      }),
    ),
  )
