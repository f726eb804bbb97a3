// The processes behind traces, metrics and alerts. Those written in Go may have to be built first.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { local, open, respondsOk } from './addresses.ts'
import { dashboardsLogin, renewDashboardsLogin } from './dashboards-login.ts'
import { freePort } from './ports.ts'
import { type Process, type Stack, stackUrl } from './process.ts'
import { alertmanagerDirectory, receivers } from './receivers.ts'
import { writePrometheus } from './targets.ts'
import { type ToolName, toolPath } from './tools.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function collector(stack: Stack): Process {
  const { ports, dataDir } = stack
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
    command: async () => ({
      file: join(root, 'collector/start.sh'),
      args: ['--config', join(root, 'collector/config.yaml')],
      env: {
        PATH: `${dirname(await toolPath('collector'))}:${process.env.PATH}`,
        COLLECTOR_HOST: '127.0.0.1',
        COLLECTOR_OTLP_PORT: `${ports.COLLECTOR_OTLP_PORT}`,
        COLLECTOR_INTERNAL_PORT: `${ports.COLLECTOR_INTERNAL_PORT}`,
        COLLECTOR_METRICS_PORT: `${ports.COLLECTOR_METRICS_PORT}`,
        COLLECTOR_SPAN_METRICS_PORT: `${ports.COLLECTOR_SPAN_METRICS_PORT}`,
        COLLECTOR_HEALTH_PORT: `${ports.COLLECTOR_HEALTH_PORT}`,
        COLLECTOR_QUEUE: join(dataDir, 'collector/queue'),
        TRACE_STORE_OTLP: local(ports.TRACES_OTLP_PORT),
      },
    }),
    healthy: () => respondsOk(local(ports.COLLECTOR_HEALTH_PORT)),
  }
}

export function jaeger(stack: Stack): Process {
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

export function tempo({ ports, dataDir, traceRetention }: Stack, file: string): Process {
  return {
    name: 'tempo',
    title: 'Tempo',
    core: false,
    needs: [],
    ports: ['TRACES_OTLP_PORT', 'TRACES_PORT'],
    stopMs: 28_000, // it writes its blocks first, which takes more than 20 s; who asks for a stop waits 30 s
    address: local(ports.TRACES_PORT),
    prepare: async () => {},
    command: async () => ({
      file,
      args: ['-config.file', join(root, 'tempo/tempo.yaml'), '-config.expand-env=true'],
      env: {
        TEMPO_HOST: '127.0.0.1',
        TRACES_OTLP_PORT: `${ports.TRACES_OTLP_PORT}`,
        TRACES_PORT: `${ports.TRACES_PORT}`,
        TEMPO_INTERNAL_PORT: `${await freePort()}`, // known to nobody else, so that two stacks do not want the same
        TEMPO_DATA: join(dataDir, 'tempo'),
        TRACE_RETENTION: traceRetention,
      },
    }),
    healthy: () => respondsOk(`${local(ports.TRACES_PORT)}/ready`),
  }
}

export function alertmanager(stack: Stack): Process {
  const { ports, grafanaHome } = stack
  return {
    name: 'alertmanager',
    title: 'Alertmanager',
    core: false,
    needs: [],
    ports: ['ALERTMANAGER_PORT'],
    address: local(ports.ALERTMANAGER_PORT),
    prepare: () => build(stack, 'alertmanager'),
    command: async () => ({
      file: join(stack.alertmanagerSource, 'start.sh'),
      cwd: await alertmanagerDirectory(stack),
      args: [`--web.listen-address=127.0.0.1:${ports.ALERTMANAGER_PORT}`],
      env: {
        PATH: `${dirname(await toolPath('alertmanager'))}:${process.env.PATH}`,
        ...receivers(stack),
        OPERATIONS_URL: open(stack, ports.OPERATIONS_PORT),
        GRAFANA_URL: grafanaHome ? local(ports.GRAFANA_PORT) : undefined,
      },
    }),
    healthy: () => respondsOk(`${local(ports.ALERTMANAGER_PORT)}/-/ready`),
  }
}

export function prometheus(stack: Stack): Process {
  const { ports, dataDir } = stack
  return {
    name: 'prometheus',
    title: 'Prometheus',
    core: false,
    // an alert that finds nobody to tell is told again only a minute later; a collector that is still being built is not down
    needs: ['alertmanager', 'collector'],
    ports: ['PROMETHEUS_PORT'],
    address: local(ports.PROMETHEUS_PORT),
    prepare: () => build(stack, 'prometheus'),
    command: async () => ({
      file: await toolPath('prometheus'),
      args: [
        `--config.file=${await writePrometheus(stack)}`,
        `--storage.tsdb.path=${join(dataDir, 'prometheus/data')}`,
        '--storage.tsdb.retention.time=100d',
        `--storage.tsdb.retention.size=${stack.prometheusMaxSize}`,
        `--web.listen-address=127.0.0.1:${ports.PROMETHEUS_PORT}`,
        '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
      ],
    }),
    healthy: () => respondsOk(`${local(ports.PROMETHEUS_PORT)}/-/ready`),
  }
}

export function grafana(stack: Stack, home: string): Process {
  const { ports, dataDir } = stack
  const data = join(dataDir, 'grafana')
  return {
    name: 'grafana',
    title: 'Grafana',
    core: false,
    needs: ['ingest-service'], // whose migrations make the role it reads as
    ports: ['GRAFANA_PORT'],
    address: local(ports.GRAFANA_PORT),
    prepare: async () => {},
    command: async () => {
      const { host, pathname } = new URL(stackUrl(stack) as string)
      return {
        file: join(home, 'bin/grafana'),
        args: ['server', '--homepath', home],
        env: {
          GF_SERVER_HTTP_ADDR: '127.0.0.1',
          GF_SERVER_HTTP_PORT: `${ports.GRAFANA_PORT}`,
          GF_ANALYTICS_REPORTING_ENABLED: 'false',
          GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
          GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
          GF_PLUGINS_PREINSTALL_DISABLED: 'true',
          GF_PATHS_DATA: data,
          GF_PATHS_LOGS: join(data, 'logs'),
          GF_PATHS_PROVISIONING: join(root, 'grafana/provisioning'),
          DASHBOARDS_PATH: join(root, 'grafana/dashboards'),
          PROMETHEUS_URL: local(ports.PROMETHEUS_PORT),
          ALERTMANAGER_URL: local(ports.ALERTMANAGER_PORT),
          TRACES_URL: local(ports.TRACES_PORT),
          TRACES_TYPE: stack.tempoBin ? 'tempo' : 'jaeger',
          TRACES_QUERY_TYPE: stack.tempoBin ? 'traceql' : '',
          POSTGRES_ADDRESS: host,
          POSTGRES_DATABASE: pathname.slice(1),
          GRAFANA_POSTGRES_USER: dashboardsLogin,
          GRAFANA_POSTGRES_PASSWORD: await renewDashboardsLogin(stackUrl(stack) as string),
        },
      }
    },
    healthy: () => respondsOk(`${local(ports.GRAFANA_PORT)}/api/health`),
  }
}

async function build({ progress, signal }: Stack, name: ToolName): Promise<void> {
  await toolPath(name, { onProgress: progress, signal })
}
