// What every question of the dashboards to PostgreSQL costs when it is asked about all that is held.
import { keptDays } from 'contract/limits'
import { dashboards } from 'grafana/dashboards'
import { fillSql } from 'grafana/macros'
import pg from 'pg'
import type { Bench, Run } from './bench.ts'
import type { Figure } from './figure.ts'
import { sharedHistory } from './history.ts'
import { contextOf, slowest, time } from './questions.ts'

export const panels: Bench = {
  about: `every question of the dashboards to PostgreSQL, asked about ${keptDays} days`,
  measure: async (run) => [await measurePostgres(run)],
}

async function measurePostgres(run: Run): Promise<Figure> {
  const { database, tenant } = await sharedHistory(run)
  const client = new pg.Client({ connectionString: database.url, options: '-c role=leadlight_dashboards' })
  await client.connect()
  run.teardown(() => client.end())
  const context = contextOf(new Date(), { tenant: tenant.tenantId })
  const questions = queries().map(({ title, text }) => ({
    title,
    ask: () => client.query(fillSql(text, context)),
  }))
  return slowest('dashboards: slowest query to PostgreSQL', await time(run, questions))
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
