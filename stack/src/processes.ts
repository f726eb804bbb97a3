// Every process of the stack: what it needs, how it is got, how it is started and how it shows that it answers.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBundles } from './build.ts'
import { type Config, reachableHost } from './config.ts'
import { type DemoTenant, ensureDemoTenant } from './demo-tenant.ts'
import type { PortName } from './ports.ts'
import { type Cluster, databaseUrl, ensureDatabase, postgresCommand, prepareCluster } from './postgres.ts'
import { checkQueue } from './queue.ts'
import type { Runnable } from './supervisor.ts'
import { writePrometheus, writeReceivers } from './targets.ts'
import { type ToolName, toolPath } from './tools.ts'

export type Process = Runnable & {
  /** The core answers within seconds; the rest may have to be built first. */
  core: boolean
  /** Those that have to answer before this one is started. */
  needs: string[]
  ports: PortName[]
  /** Where a person looks at it. */
  address?: string
  /** Once, before the first start. */
  prepare(): Promise<void>
}

export type Stack = Config & {
  say(line: string): void
  progress(line: string): void
  signal: AbortSignal
  /** Known once they have been prepared. */
  bundles?: Promise<void>
  cluster?: Cluster
  tenant?: DemoTenant
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The database's address, once there is one. */
export function stackUrl({ databaseUrl: given, cluster, ports }: Stack): string | undefined {
  return given ?? (cluster && databaseUrl(cluster, ports.POSTGRES_PORT))
}

/** In the order in which they are started; they are stopped in the reverse one. */
export function listProcesses(stack: Stack): Process[] {
  const traces = stack.tempoBin ? tempo(stack, stack.tempoBin) : jaeger(stack)
  return [
    ...(stack.databaseUrl ? [] : [postgres(stack)]),
    traces,
    collector(stack),
    ingestService(stack),
    alerts(stack),
    demo(stack),
    alertmanager(stack),
    prometheus(stack),
    ...(stack.grafanaHome ? [grafana(stack, stack.grafanaHome)] : []),
  ]
}

function postgres(stack: Stack): Process {
  const { POSTGRES_PORT } = stack.ports
  const cluster = () => stack.cluster as Cluster
  return {
    name: 'postgres',
    title: 'PostgreSQL',
    core: true,
    needs: [],
    ports: ['POSTGRES_PORT'],
    stopSignal: 'SIGINT', // not waiting for clients
    prepare: async () => {
      stack.cluster = await prepareCluster(join(stack.dataDir, 'postgres'), stack.say)
    },
    command: () => postgresCommand(cluster(), POSTGRES_PORT),
    healthy: () => succeeds(ensureDatabase(cluster(), POSTGRES_PORT)),
  }
}

function ingestService(stack: Stack): Process {
  const { host, ports, publicUrl, databaseUrl: given, grafanaHome } = stack
  return {
    name: 'ingest-service',
    title: 'ingest-service',
    core: true,
    needs: given ? [] : ['postgres'],
    ports: ['PORT', 'OPERATIONS_PORT'],
    prepare: () => bundles(stack),
    command: async () =>
      program('ingest-service/src/server.ts', {
        DATABASE_URL: stackUrl(stack),
        HOST: host,
        PORT: `${ports.PORT}`,
        OPERATIONS_PORT: `${ports.OPERATIONS_PORT}`,
        PUBLIC_URL: publicUrl,
        COLLECTOR_URL: local(ports.COLLECTOR_OTLP_PORT),
        TRACES_URL: local(ports.TRACES_PORT),
        ...(grafanaHome ? { GRAFANA_URL: local(ports.GRAFANA_PORT) } : {}),
        OTEL_EXPORTER_OTLP_ENDPOINT: local(ports.COLLECTOR_INTERNAL_PORT),
      }),
    healthy: () => respondsOk(`${at(stack, ports.OPERATIONS_PORT)}/readyz`),
  }
}

function demo(stack: Stack): Process {
  const { host, ports, publicUrl, dataDir } = stack
  return {
    name: 'demo',
    title: 'demo site',
    core: true,
    needs: ['ingest-service'],
    ports: ['DEMO_PORT'],
    prepare: async () => {
      const place = { dataDir, publicUrl, databaseUrl: stackUrl(stack) as string, demoPort: ports.DEMO_PORT }
      stack.tenant = await ensureDemoTenant(place)
    },
    command: async () =>
      program('demo/src/server.ts', {
        HOST: host,
        DEMO_PORT: `${ports.DEMO_PORT}`,
        INGEST_URL: publicUrl,
        SITE_KEY: stack.tenant?.site_key,
        PORTAL_URL: stack.tenant?.portal_url,
        ALERTS_URL: at(stack, ports.ALERTS_PORT),
        OTEL_EXPORTER_OTLP_ENDPOINT: local(ports.COLLECTOR_INTERNAL_PORT),
      }),
    healthy: () => respondsOk(`${at(stack, ports.DEMO_PORT)}/health`),
  }
}

function alerts(stack: Stack): Process {
  const { host, ports } = stack
  return {
    name: 'alerts',
    title: 'alert receiver',
    core: true,
    needs: [],
    ports: ['ALERTS_PORT'],
    prepare: () => bundles(stack),
    command: async () => program('demo/src/alerts.ts', { HOST: host, ALERTS_PORT: `${ports.ALERTS_PORT}` }),
    healthy: () => respondsOk(`${at(stack, ports.ALERTS_PORT)}/health`),
  }
}

function collector(stack: Stack): Process {
  const { ports, dataDir } = stack
  const queue = join(dataDir, 'collector/queue')
  return {
    name: 'collector',
    title: 'OpenTelemetry Collector',
    core: false,
    needs: [],
    ports: [
      'COLLECTOR_OTLP_PORT',
      'COLLECTOR_INTERNAL_PORT',
      'COLLECTOR_METRICS_PORT',
      'COLLECTOR_SPAN_METRICS_PORT',
      'COLLECTOR_HEALTH_PORT',
    ],
    prepare: () => build(stack, 'collector'),
    command: async () => {
      await checkQueue(queue, await toolPath('bbolt'), stack.say)
      await mkdir(queue, { recursive: true })
      return {
        file: await toolPath('collector'),
        args: ['--config', join(root, 'collector/config.yaml')],
        env: {
          COLLECTOR_HOST: '127.0.0.1',
          COLLECTOR_OTLP_PORT: `${ports.COLLECTOR_OTLP_PORT}`,
          COLLECTOR_INTERNAL_PORT: `${ports.COLLECTOR_INTERNAL_PORT}`,
          COLLECTOR_METRICS_PORT: `${ports.COLLECTOR_METRICS_PORT}`,
          COLLECTOR_SPAN_METRICS_PORT: `${ports.COLLECTOR_SPAN_METRICS_PORT}`,
          COLLECTOR_HEALTH_PORT: `${ports.COLLECTOR_HEALTH_PORT}`,
          COLLECTOR_QUEUE: queue,
          TRACE_STORE_OTLP: local(ports.TRACES_OTLP_PORT),
        },
      }
    },
    healthy: () => respondsOk(local(ports.COLLECTOR_HEALTH_PORT)),
  }
}

function jaeger(stack: Stack): Process {
  const { ports, dataDir, traceRetention } = stack
  return {
    name: 'jaeger',
    title: 'Jaeger',
    core: false,
    needs: [],
    ports: ['TRACES_OTLP_PORT', 'TRACES_PORT'],
    address: local(ports.TRACES_PORT),
    prepare: () => build(stack, 'jaeger'),
    command: async () => ({
      file: await toolPath('jaeger'),
      args: ['--config', join(root, 'stack/jaeger.yaml')],
      env: {
        TRACES_OTLP_PORT: `${ports.TRACES_OTLP_PORT}`,
        TRACES_PORT: `${ports.TRACES_PORT}`,
        JAEGER_DATA: join(dataDir, 'jaeger'),
        TRACE_RETENTION: traceRetention,
      },
    }),
    healthy: () => respondsOk(`${local(ports.TRACES_PORT)}/api/services`),
  }
}

function tempo({ ports, dataDir, traceRetention }: Stack, file: string): Process {
  return {
    name: 'tempo',
    title: 'Tempo',
    core: false,
    needs: [],
    ports: ['TRACES_OTLP_PORT', 'TRACES_PORT'],
    address: local(ports.TRACES_PORT),
    prepare: async () => {},
    command: async () => ({
      file,
      args: ['-config.file', join(root, 'tempo/tempo.yaml'), '-config.expand-env'],
      env: {
        TEMPO_HOST: '127.0.0.1',
        TRACES_OTLP_PORT: `${ports.TRACES_OTLP_PORT}`,
        TRACES_PORT: `${ports.TRACES_PORT}`,
        TEMPO_DATA: join(dataDir, 'tempo'),
        TRACE_RETENTION: traceRetention,
      },
    }),
    healthy: () => respondsOk(`${local(ports.TRACES_PORT)}/ready`),
  }
}

function alertmanager(stack: Stack): Process {
  const { ports, dataDir } = stack
  return {
    name: 'alertmanager',
    title: 'Alertmanager',
    core: false,
    needs: [],
    ports: ['ALERTMANAGER_PORT'],
    address: local(ports.ALERTMANAGER_PORT),
    prepare: () => build(stack, 'alertmanager'),
    command: async () => ({
      file: await toolPath('alertmanager'),
      cwd: await writeReceivers(stack),
      args: [
        `--config.file=${join(root, 'alertmanager/alertmanager.yml')}`,
        `--storage.path=${join(dataDir, 'alertmanager/data')}`,
        `--web.listen-address=127.0.0.1:${ports.ALERTMANAGER_PORT}`,
        '--cluster.listen-address=', // one alone
      ],
    }),
    healthy: () => respondsOk(`${local(ports.ALERTMANAGER_PORT)}/-/ready`),
  }
}

function prometheus(stack: Stack): Process {
  const { ports, dataDir } = stack
  return {
    name: 'prometheus',
    title: 'Prometheus',
    core: false,
    // an alert that finds nobody to tell is told again only a minute later
    needs: ['alertmanager'],
    ports: ['PROMETHEUS_PORT'],
    address: local(ports.PROMETHEUS_PORT),
    prepare: () => build(stack, 'prometheus'),
    command: async () => ({
      file: await toolPath('prometheus'),
      args: [
        `--config.file=${await writePrometheus(root, stack)}`,
        `--storage.tsdb.path=${join(dataDir, 'prometheus/data')}`,
        '--storage.tsdb.retention.time=100d',
        `--web.listen-address=127.0.0.1:${ports.PROMETHEUS_PORT}`,
        '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
      ],
    }),
    healthy: () => respondsOk(`${local(ports.PROMETHEUS_PORT)}/-/ready`),
  }
}

function grafana(stack: Stack, home: string): Process {
  const { ports, dataDir } = stack
  const data = join(dataDir, 'grafana')
  return {
    name: 'grafana',
    title: 'Grafana',
    core: false,
    needs: [],
    ports: ['GRAFANA_PORT'],
    address: local(ports.GRAFANA_PORT),
    prepare: async () => {},
    command: async () => ({
      file: join(home, 'bin/grafana'),
      args: ['server', '--homepath', home],
      env: {
        GF_SERVER_HTTP_ADDR: '127.0.0.1',
        GF_SERVER_HTTP_PORT: `${ports.GRAFANA_PORT}`,
        GF_PATHS_DATA: data,
        GF_PATHS_LOGS: join(data, 'logs'),
        GF_PATHS_PROVISIONING: join(root, 'grafana/provisioning'),
        PROMETHEUS_URL: local(ports.PROMETHEUS_PORT),
        ALERTMANAGER_URL: local(ports.ALERTMANAGER_PORT),
        TRACES_URL: local(ports.TRACES_PORT),
        DATABASE_URL: stackUrl(stack),
      },
    }),
    healthy: () => respondsOk(`${local(ports.GRAFANA_PORT)}/api/health`),
  }
}

const program = (file: string, env: Record<string, string | undefined>) => ({
  file: process.execPath,
  args: ['--enable-source-maps', join(root, file)],
  env,
})

function bundles(stack: Stack): Promise<void> {
  stack.bundles ??= buildBundles()
  return stack.bundles
}

const local = (port: number) => `http://127.0.0.1:${port}`
const at = ({ host }: Config, port: number) => `http://${reachableHost(host)}:${port}`

const build = async ({ progress, signal }: Pick<Stack, 'progress' | 'signal'>, name: ToolName) =>
  void (await toolPath(name, { onProgress: progress, signal }))

const succeeds = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  )

const respondsOk = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.body?.cancel()
      return response.ok
    },
    () => false,
  )
