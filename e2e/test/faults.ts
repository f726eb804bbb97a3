// The fault table: what is done to the stack, which alert must tell of it, and how it is undone.
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import pg from 'pg'
import { local, respondsOk } from 'stack/addresses'
import { readRunning } from 'stack/running'
import { waitFor } from 'stack/wait'
import { call, makeSpan, openForger, text } from './forger.ts'
import type { Tenants } from './tenants.ts'
import type { Box, Watched } from './watched.ts'

export type Fault = {
  what: string
  raises: string
  /** What its visitors tell of it besides, as they should. */
  brings?: string[]
  box: Box
  begin(): Promise<unknown>
  end(): Promise<unknown>
  /** Why this machine cannot have it. */
  skip?: string | false
}

const deadAddress = 'http://127.0.0.1:9/'
/** More than what warns (10 %), less than what PostgreSQL needs to go on. */
const shareLeft = 0.07

/** The fault that this process of the stack is away. */
export const away = ({ stack }: Watched, name: string, raises: string, box: Box): Fault => ({
  what: `${name} is away`,
  raises,
  box,
  begin: () => stack.stop(name),
  end: () => stack.resume(name),
})

/** PostgreSQL away while browsers go on sending, whose calls to the widget's API fail with it. */
export function databaseAway(watched: Watched, tenants: Tenants): Fault {
  const forgers = tenants.all.map(({ site_key }) => openForger(watched.stack.publicUrl, site_key))
  const visits = new AbortController()
  let visiting: Promise<void> | undefined
  const visit = async () => {
    while (!visits.signal.aborted) {
      await Promise.all(forgers.map((forger) => forger.send([call(true), call(true)]).catch(() => [])))
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  return {
    ...away(watched, 'postgres', 'DatabaseDown', 'on-call'),
    what: 'postgres is away while browsers call',
    brings: ['WidgetApiErrorRateHigh', 'TenantApiErrorRateHigh'],
    async begin() {
      visiting = visit()
      // while the database is away no span is taken, so their failures are known before
      const counted = async () =>
        (await watched.find('count(tenant_id:widget_api_calls_failed:increase15m >= 3) >= 3')).length > 0
      await waitFor(counted, { timeoutMs: 120_000 })
      await watched.stack.stop('postgres')
    },
    async end() {
      visits.abort()
      await visiting
      await watched.stack.resume('postgres')
    },
  }
}

/** Faults of a stack whose processes all live. None of them disturbs another. */
export function sideBySide(watched: Watched, tenants: Tenants): Fault[] {
  const { stack, dataDir, disk } = watched
  const db = openDatabase(watched)
  const queue = join(dataDir, 'collector/queue')
  const restartCollector = async (meanwhile: () => Promise<unknown>) => {
    await stack.stop('collector')
    await meanwhile()
    await stack.resume('collector')
    const answers = () => respondsOk(local(stack.ports.COLLECTOR_HEALTH_PORT))
    await waitFor(answers, { timeoutMs: 60_000 })
  }
  const config = join(dataDir, 'prometheus/config')
  const reload = (name: string) => process.kill(readRunning(dataDir)?.processes[name]?.pid as number, 'SIGHUP')
  const deadman = join(dataDir, 'alertmanager/receivers/watchdog.url')
  let deadmanUrl = ''
  const connections: pg.Client[] = []
  return [
    {
      what: "the collector's queue is corrupt",
      raises: 'CollectorQueueCorrupt',
      box: 'tickets',
      begin: () =>
        restartCollector(async () => {
          const [file = ''] = (await readdir(queue)).filter((name) => name !== 'corrupt')
          await writeFile(join(queue, file), 'no queue')
        }),
      // as its runbook says: looked at, deleted, started again
      end: () =>
        restartCollector(async () => {
          await rm(join(queue, 'corrupt'), { recursive: true })
          await mkdir(join(queue, 'corrupt'))
        }),
    },
    {
      ...away(watched, 'jaeger', 'CollectorQueueFilling', 'on-call'),
      what: 'the trace store is away while our servers send much',
      async begin() {
        await stack.stop('jaeger')
        await fillQueue(watched)
      },
    },
    { ...away(watched, 'jaeger', 'CanaryTelemetryMissing', 'tickets'), end: async () => {} },
    {
      what: 'a disk is nearly full',
      raises: 'DiskFilling',
      box: 'on-call',
      skip: !disk && 'this user may not mount a small file system',
      begin: async () => disk?.fill(shareLeft),
      end: async () => disk?.drain(),
    },
    {
      what: 'no partitions are made any more',
      raises: 'PartitionsRunningOut',
      box: 'on-call',
      begin: () => db(dropFuturePartitions),
      // made every hour, and at a start
      end: async () => {
        await stack.stop('ingest-service')
        await stack.resume('ingest-service')
      },
    },
    {
      what: 'retention has not run for three hours',
      raises: 'RetentionMissed',
      box: 'on-call',
      begin: () => db("update leadlight.jobs set succeeded_at = now() - interval '3 hours' where name = 'retention'"),
      end: () => db("update leadlight.jobs set succeeded_at = now() where name = 'retention'"),
    },
    {
      what: 'nobody loads the widget of one tenant in five',
      raises: 'TenantSilent',
      box: 'tickets',
      begin: () => tenants.fallSilent(1),
      end: () => tenants.areBack(),
    },
    {
      what: 'connections to PostgreSQL leak',
      raises: 'DatabaseConnectionsRunningOut',
      box: 'tickets',
      async begin() {
        const rows = (await db('select current_setting($$max_connections$$)::int as most')) as { most: number }[]
        while (connections.length < 0.85 * (rows[0]?.most ?? 0)) {
          const client = new pg.Client(stack.databaseUrl)
          client.on('error', () => {})
          await client.connect()
          connections.push(client)
        }
      },
      end: () => Promise.all(connections.splice(0).map((client) => client.end())),
    },
    {
      what: 'Prometheus is given a rule it cannot read',
      raises: 'ConfigurationReloadFailed',
      box: 'tickets',
      async begin() {
        await writeFile(join(config, 'rules/broken.yml'), 'groups: [{name: broken, rules: [{record: a, expr: "("}]}]')
        reload('prometheus')
      },
      async end() {
        await rm(join(config, 'rules/broken.yml'))
        reload('prometheus')
      },
    },
    {
      what: 'the dead man has another address',
      raises: 'NotificationsFailing',
      box: 'tickets',
      async begin() {
        deadmanUrl = await readFile(deadman, 'utf8')
        await writeFile(deadman, deadAddress)
      },
      end: () => writeFile(deadman, deadmanUrl),
    },
  ]
}

/** More of them, which explain each other no more than those before. */
export function doorAndScrapes(watched: Watched): Fault[] {
  const { stack, dataDir, door } = watched
  const config = join(dataDir, 'prometheus/config')
  const reload = () => process.kill(readRunning(dataDir)?.processes.prometheus?.pid as number, 'SIGHUP')
  const targets = async (job: string, addresses: string[]) =>
    writeFile(join(config, `targets/${job}.json`), JSON.stringify([{ targets: addresses }]))
  const failing = join(config, 'rules/failing.yml')
  const { OPERATIONS_PORT, COLLECTOR_SPAN_METRICS_PORT } = stack.ports
  return [
    {
      what: 'the proxy before the service lets nobody through',
      raises: 'CanaryFailing',
      box: 'on-call',
      begin: async () => door.set({ kind: 'reset' }),
      end: async () => door.heal(),
    },
    {
      what: 'one of two replicas is away',
      raises: 'IngestReplicaDown',
      box: 'tickets',
      begin: () => targets('ingest-service', [`127.0.0.1:${OPERATIONS_PORT}`, '127.0.0.1:9']),
      end: () => targets('ingest-service', [`127.0.0.1:${OPERATIONS_PORT}`]),
    },
    {
      what: 'span metrics are looked for in the wrong place',
      raises: 'SpanMetricsDown',
      box: 'tickets',
      begin: () => targets('widget-spans', ['127.0.0.1:9']),
      end: () => targets('widget-spans', [`127.0.0.1:${COLLECTOR_SPAN_METRICS_PORT}`]),
    },
    {
      what: 'a rule cannot be evaluated',
      raises: 'RuleEvaluationsFailing',
      box: 'tickets',
      async begin() {
        await writeFile(failing, 'groups: [{name: failing, rules: [{record: a, expr: "up + on () up"}]}]')
        reload()
      },
      async end() {
        await rm(failing)
        reload()
      },
    },
  ]
}

/** More of them. */
export function silenceAndRefusal(watched: Watched, tenants: Tenants): Fault[] {
  const { stack } = watched
  const refusing = createServer((request, response) => {
    request.resume()
    response.writeHead(400).end()
  })
  return [
    {
      what: 'nobody loads the widget of three tenants in five',
      raises: 'TenantsSilentWidely',
      box: 'tickets',
      begin: () => tenants.fallSilent(3),
      end: () => tenants.areBack(),
    },
    {
      what: 'what answers as the trace store refuses all spans',
      raises: 'CollectorSpansLost',
      box: 'tickets',
      async begin() {
        await stack.stop('jaeger')
        refusing.listen(stack.ports.TRACES_OTLP_PORT, '127.0.0.1')
        await once(refusing, 'listening')
      },
      async end() {
        refusing.closeAllConnections()
        refusing.close()
        await stack.resume('jaeger')
      },
    },
  ]
}

/** Days ahead are gone, but for tomorrow. */
const dropFuturePartitions = `do $$
  declare name text;
  begin
    for name in
      select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent in ('leadlight.events'::regclass, 'leadlight.sessions'::regclass)
        and right(relname, 8) > to_char(now() at time zone 'UTC' + interval '1 day', 'YYYYMMDD')
    loop
      execute format('drop table leadlight.%I', name);
    end loop;
  end $$`

const openDatabase =
  ({ stack }: Watched) =>
  async (sql: string): Promise<unknown[]> => {
    const client = new pg.Client(stack.databaseUrl)
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

/**
 * As spans of our own servers, whose queue is the smaller one; no attribute is so long that the collector cuts it. Small
 * requests: what an exporter has in its hands is not counted as waiting.
 */
async function fillQueue({ stack }: Watched) {
  const ballast = Array.from({ length: 50 }, (_, place) => text(`ballast.${place}`, 'x'.repeat(4_000)))
  for (let sent = 0; sent < 105; sent++) {
    const spans = [makeSpan('ballast', { attributes: ballast })]
    const body = JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] })
    const isTaken = () =>
      fetch(`http://127.0.0.1:${stack.ports.COLLECTOR_INTERNAL_PORT}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }).then(
        ({ ok }) => ok,
        () => false,
      )
    // a collector short of memory refuses for a moment
    if (!(await waitFor(isTaken, { timeoutMs: 120_000 }))) throw new Error('The collector takes no spans')
  }
}
