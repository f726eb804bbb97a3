// What `npm start` reads from its environment.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultPorts, type PortName, type Ports, portNames } from './ports.ts'

export type Config = {
  /** Holds everything that is written. */
  dataDir: string
  /** Where the servers for people and browsers listen; everything else is on loopback. */
  host: string
  ports: Ports
  publicUrl: string
  /** A PostgreSQL that is there already; otherwise one is started. */
  databaseUrl: string | undefined
  tempoBin: string | undefined
  grafanaHome: string | undefined
  /** As Go writes durations. */
  traceRetention: string
  /** The metrics of 100 days are kept as long as they are not larger than this, as Prometheus writes sizes. */
  prometheusMaxSize: string
  /** Told every minute that alerting is alive. */
  deadmanUrl: string | undefined
  /** The directories of their configuration; a test may give copies that are less patient. */
  prometheusSource: string
  alertmanagerSource: string
  /** Which of Alertmanager's receivers the environment describes (`alertmanager/start.sh`). */
  receiversGiven: string[]
  /** Between two visits of the canary. */
  canaryIntervalSeconds: number
}

/** @throws naming the variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const moved = portNames.filter((name) => env[name]).map((name) => [name, readPort(name, env[name] as string)])
  const given = {
    dataDir: resolve(env.LEADLIGHT_DATA || fileURLToPath(new URL('../../.leadlight', import.meta.url))),
    host: env.HOST,
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, ''),
    databaseUrl: env.DATABASE_URL,
    tempoBin: env.TEMPO_BIN,
    grafanaHome: env.GRAFANA_HOME,
    traceRetention: env.TRACE_RETENTION,
    prometheusMaxSize: env.PROMETHEUS_MAX_SIZE,
    deadmanUrl: env.DEADMAN_URL,
    receiversGiven: ['ON_CALL', 'TICKETS'].filter((receiver) =>
      Object.keys(env).some((name) => name.startsWith(`${receiver}_`) && env[name]),
    ),
  }
  const set = Object.entries(given).filter(([, value]) => value)
  return defaultConfig(Object.fromEntries(set) as { dataDir: string }, Object.fromEntries(moved))
}

/** The defaults around what is given. */
export function defaultConfig(given: Partial<Config> & { dataDir: string }, moved: Partial<Ports> = {}): Config {
  const { host = '127.0.0.1', tempoBin } = given
  const ports = { ...defaultPorts, ...(tempoBin ? { TRACES_PORT: 3200 } : {}), ...given.ports, ...moved }
  return {
    publicUrl: `http://${reachableHost(host)}:${ports.PORT}`,
    databaseUrl: undefined,
    tempoBin,
    grafanaHome: undefined,
    traceRetention: '336h',
    prometheusMaxSize: '20GB',
    deadmanUrl: undefined,
    prometheusSource: fileURLToPath(new URL('../../prometheus', import.meta.url)),
    alertmanagerSource: fileURLToPath(new URL('../../alertmanager', import.meta.url)),
    receiversGiven: [],
    canaryIntervalSeconds: 60,
    ...given,
    host,
    ports,
  }
}

/** The name under which this machine itself reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
}

function readPort(name: PortName, text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${name}=${text} is no port; give a number from 1 to 65535, as in ${name}=${defaultPorts[name]}`)
  return port
}
