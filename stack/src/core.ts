// The processes that answer within seconds: PostgreSQL, ingest-service, the demo site and its alert receiver.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { local, open, respondsOk } from './addresses.ts'
import { buildBundles } from './build.ts'
import { ensureDemoTenant } from './demo-tenant.ts'
import { type Cluster, ensureDatabase, postgresCommand, prepareCluster } from './postgres.ts'
import { type Process, type Stack, stackUrl } from './process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function postgres(stack: Stack): Process {
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

export function ingestService(stack: Stack): Process {
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
        PROMETHEUS_URL: local(ports.PROMETHEUS_PORT),
        ALERTMANAGER_URL: local(ports.ALERTMANAGER_PORT),
        CANARY_METRICS_URL: local(ports.CANARY_PORT),
        ...(grafanaHome ? { GRAFANA_URL: local(ports.GRAFANA_PORT) } : {}),
        VOLUMES: [
          `data=${resolve(stack.dataDir)}`,
          ...(stack.cluster ? [`postgres=${stack.cluster.directory}`] : []),
        ].join(','),
        OTEL_EXPORTER_OTLP_ENDPOINT: local(ports.COLLECTOR_INTERNAL_PORT),
      }),
    healthy: () => respondsOk(`${open(stack, ports.OPERATIONS_PORT)}/readyz`),
  }
}

export function alerts(stack: Stack): Process {
  const { host, ports } = stack
  return {
    name: 'alerts',
    title: 'alert receiver',
    core: true,
    needs: [],
    ports: ['ALERTS_PORT'],
    prepare: () => bundles(stack),
    command: async () => program('demo/src/alerts.ts', { HOST: host, ALERTS_PORT: `${ports.ALERTS_PORT}` }),
    healthy: () => respondsOk(`${open(stack, ports.ALERTS_PORT)}/health`),
  }
}

export function demo(stack: Stack): Process {
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
        ALERTS_URL: open(stack, ports.ALERTS_PORT),
        OTEL_EXPORTER_OTLP_ENDPOINT: local(ports.COLLECTOR_INTERNAL_PORT),
      }),
    healthy: () => respondsOk(`${open(stack, ports.DEMO_PORT)}/health`),
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

const succeeds = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  )
