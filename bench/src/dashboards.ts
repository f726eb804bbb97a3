// What ingestion feels of a dashboard that reads everything there is, again and again.
import pg from 'pg'
import { dashboardsLogin, renewDashboardsLogin } from 'stack/dashboards-login'
import type { Bench, Run } from './bench.ts'
import { type Database, startServer } from './database.ts'
import type { Figure } from './figure.ts'
import { makeHistory } from './history.ts'
import type { HttpJob } from './load.ts'
import { type Round, runJob } from './load-round.ts'
import { interleave } from './rounds.ts'
import { startService } from './service-process.ts'
import { median, medianRatio } from './statistics.ts'

/** A busy operator's visitors, well below what the machine can take: 5,000 events a second in batches of 20. */
const load = { connections: 16, eventsPerCall: 20, callsPerSecond: 250 } as const

/** All loads of 90 days in one panel: every partition is read whole, and what is found is sorted. */
const fullScan = `
  select device, count(*), percentile_cont(0.95) within group (order by load_seconds)
  from dashboards.loads group by device`

export const dashboards: Bench = { about: 'ingestion beside a dashboard that scans all events in a loop', measure }

async function measure(run: Run): Promise<Figure[]> {
  const server = await startServer(run)
  const { database } = await makeHistory(run, server, 'dashboards')
  const { port, pid } = await startService(run, database, 'grouped')
  const dashboard = await openDashboard(run, database)
  const scansMs: number[] = []

  const post = async (): Promise<Round> => {
    const { seconds } = run
    const job: HttpJob = { ...load, seconds, maxCalls: load.callsPerSecond * seconds, port, tenants: database.tenants }
    await database.superuser.query('checkpoint')
    // a single answer other than 200 ends the bench
    return runJob('load.ts', job, { serverPid: server.pid, servicePid: pid })
  }
  const postBesideDashboard = async (): Promise<Round> => {
    let isLoading = true
    const scanning = (async () => {
      while (isLoading) {
        const startedMs = performance.now()
        await dashboard.query(fullScan).catch(ignoreTimeLimit)
        scansMs.push(performance.now() - startedMs)
      }
    })()
    try {
      return await post()
    } finally {
      isLoading = false
      await scanning
    }
  }

  const { alone, beside } = await interleave({ alone: post, beside: postBesideDashboard }, run)
  const p99s = (rounds: Round[]) => rounds.map(({ p99Ms }) => p99Ms)
  const p50s = (rounds: Round[]) => rounds.map(({ p50Ms }) => p50Ms)
  const speed = median(beside.map(({ eventsPerSecond }) => eventsPerSecond))
  return [
    {
      what: 'dashboards: p99 of ingestion beside a full scan ÷ without',
      value: medianRatio(p99s(beside), p99s(alone)),
      unit: 'x',
      budget: { most: 2 },
      beside: `${median(p99s(beside)).toFixed(1)} v ${median(p99s(alone)).toFixed(1)} ms at ${(speed / 1_000).toFixed(1)}k events/s, none refused`,
    },
    {
      what: 'dashboards: p50 of ingestion beside a full scan ÷ without',
      value: medianRatio(p50s(beside), p50s(alone)),
      unit: 'x',
      beside: `${median(p50s(beside)).toFixed(1)} v ${median(p50s(alone)).toFixed(1)} ms`,
    },
    {
      what: 'dashboards: one full scan',
      value: median(scansMs),
      unit: 'ms',
      beside: `${scansMs.length} scans of ${run.events.toLocaleString('en-US')} events and more`,
    },
  ]
}

/** As Grafana logs in, with its limits. */
async function openDashboard({ teardown }: Run, { url }: Database): Promise<pg.Client> {
  const login = new URL(url)
  login.password = await renewDashboardsLogin(url)
  login.username = dashboardsLogin
  const client = new pg.Client({ connectionString: login.href })
  await client.connect()
  teardown(() => client.end())
  return client
}

/** On a slow machine the scan meets its login's time limit, and has then been as much in the way. */
function ignoreTimeLimit(error: Error & { code?: string }): void {
  if (error.code !== '57014') throw error
}
