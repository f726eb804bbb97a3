// How fast, how promptly and at what cost events become durable, against plainer ways to store them on the same machine.
import type { Bench, Run } from './bench.ts'
import { type Database, startServer } from './database.ts'
import type { Figure } from './figure.ts'
import type { Load } from './job.ts'
import type { HttpJob } from './load.ts'
import { type Round, runJob } from './load-round.ts'
import { interleave } from './rounds.ts'
import { startService } from './service-process.ts'
import type { SqlJob } from './statements.ts'
import { median, medianRatio } from './statistics.ts'

const tenantCount = 50
/** Rows of a statement of the database-only loop: as many as the service's groups have at most. */
const groupRows = 600
/** What a round has prepared for each second; no machine of this kind gets through it. */
const maxEventsPerSecond = { 20: 100_000, 1: 30_000, [groupRows]: 150_000 }

export const ingest: Bench = { about: 'durable events: throughput, latency, processor and disk', measure }

async function measure(run: Run): Promise<Figure[]> {
  const server = await startServer(run)
  const create = (name: string) => server.createDatabase(name, tenantCount)
  const [grouped, plain, direct] = [await create('grouped'), await create('plain'), await create('direct')]
  const services = {
    grouped: await startService(run, grouped, 'grouped'),
    plain: await startService(run, plain, 'plain'),
  }
  const acknowledged = { grouped: 0, plain: 0 }

  const post = (name: 'grouped' | 'plain', connections: number, eventsPerCall: 1 | 20) => async (): Promise<Round> => {
    const { port, pid } = services[name]
    const { tenants } = name === 'grouped' ? grouped : plain
    const job: HttpJob = { ...bound(run, connections, eventsPerCall), port, tenants }
    await grouped.superuser.query('checkpoint')
    const round = await runJob('load.ts', job, { serverPid: server.pid, servicePid: pid })
    acknowledged[name] += round.events
    return round
  }
  const query =
    (statement: SqlJob['statement'], connections: number, eventsPerCall: 20 | typeof groupRows) =>
    async (): Promise<Round> => {
      const { url, tenants } = direct
      const job: SqlJob = { ...bound(run, connections, eventsPerCall), url, tenants, statement }
      await grouped.superuser.query('checkpoint')
      return runJob('statements.ts', job, { serverPid: server.pid })
    }

  const rounds = await interleave(
    {
      'the service, 20 events a request': post('grouped', 128, 20),
      'one INSERT a request, 20 events': post('plain', 128, 20),
      'database only': query('insert', 2, groupRows),
      'the service, 1 event a request': post('grouped', 128, 1),
      'one INSERT a request, 1 event': post('plain', 128, 1),
      'the service, 4 connections': post('grouped', 4, 20),
      'its statement, 4 connections': query('store', 4, 20),
    },
    run,
  )
  await requireStored(grouped, acknowledged.grouped)
  await requireStored(plain, acknowledged.plain)

  const batches = rounds['the service, 20 events a request']
  const plainBatches = rounds['one INSERT a request, 20 events']
  const bare = rounds['database only']
  const singles = rounds['the service, 1 event a request']
  const plainSingles = rounds['one INSERT a request, 1 event']
  const few = rounds['the service, 4 connections']
  const fewDirect = rounds['its statement, 4 connections']
  const foreign = median(Object.values(rounds).flatMap((each) => each.map(({ foreignShare }) => foreignShare)))
  return [
    compareSpeed('20 events a request ÷ one INSERT a request', batches, plainBatches, 1.5),
    compareSpeed('1 event a request ÷ one INSERT a request', singles, plainSingles, 2.5),
    compareSpeed('20 events a request ÷ database only, 2 connections', batches, bare, 0.65),
    {
      what: 'ingest: p99 at 4 connections ÷ p99 of its statement alone',
      value: medianRatio(p99s(few), p99s(fewDirect)),
      unit: 'x',
      budget: { most: 4 },
      beside: `${median(p99s(few)).toFixed(1)} v ${median(p99s(fewDirect)).toFixed(1)} ms`,
    },
    {
      what: 'ingest: p99 at 128 connections',
      value: median(p99s(batches)),
      unit: 'ms',
      beside: `p50 ${median(batches.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms`,
    },
    {
      what: 'ingest: processor time per event, service and PostgreSQL',
      value: median(batches.map(({ cpuUsPerEvent }) => cpuUsPerEvent)),
      unit: 'µs',
      budget: { most: 35 },
      beside: `one INSERT a request ${median(plainBatches.map(({ cpuUsPerEvent }) => cpuUsPerEvent)).toFixed(1)} µs`,
    },
    {
      what: 'ingest: disk per event, heap and indexes',
      value: await bytesPerEvent(grouped),
      unit: 'B',
      budget: { most: 430 },
      beside: `${acknowledged.grouped.toLocaleString('en-US')} events, every acknowledged one is stored`,
    },
    { what: 'ingest: processors busy with other work meanwhile', value: foreign * 100, unit: '%' },
  ]
}

function bound({ seconds }: Run, connections: number, eventsPerCall: keyof typeof maxEventsPerSecond) {
  const maxCalls = Math.ceil((maxEventsPerSecond[eventsPerCall] * seconds) / eventsPerCall)
  return { connections, eventsPerCall, seconds, maxCalls } satisfies Load
}

const p99s = (rounds: Round[]): number[] => rounds.map(({ p99Ms }) => p99Ms)

function compareSpeed(what: string, rounds: Round[], baseline: Round[], least: number): Figure {
  const speeds = (of: Round[]) => of.map(({ eventsPerSecond }) => eventsPerSecond)
  const thousands = (of: Round[]) => `${(median(speeds(of)) / 1_000).toFixed(1)}k`
  return {
    what: `ingest: ${what}`,
    value: medianRatio(speeds(rounds), speeds(baseline)),
    unit: 'x',
    budget: { least },
    beside: `${thousands(rounds)} v ${thousands(baseline)} events/s`,
  }
}

async function requireStored({ superuser }: Database, acknowledged: number): Promise<void> {
  const { rows } = await superuser.query<{ stored: number }>('select count(*)::int as stored from leadlight.events')
  const { stored } = rows[0]!
  if (stored !== acknowledged) throw new Error(`${acknowledged} events were acknowledged and ${stored} are stored`)
}

async function bytesPerEvent({ superuser }: Database): Promise<number> {
  const { rows } = await superuser.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(relid))::float8 / (select count(*) from leadlight.events) as bytes
     from pg_partition_tree('leadlight.events') where isleaf`,
  )
  return rows[0]!.bytes
}
