// The environment, read in this one place.
import type { LimitSettings } from './limits.ts'
import type { Volume } from './volumes.ts'

export type Config = {
  databaseUrl: string
  host: string
  port: number
  operationsPort: number
  /** Address by which browsers reach the public port, without a trailing slash. */
  publicUrl: string
  /** The collector's receiver for browsers' spans. */
  collectorUrl: string
  /** Where people and the service look traces up: Grafana when there is one, otherwise the trace store. */
  tracesUrl: string | undefined
  grafanaUrl: string | undefined
  /** For the operator's page. */
  prometheusUrl: string | undefined
  alertmanagerUrl: string | undefined
  /** The canary's own port. */
  canaryUrl: string | undefined
  logLevel: string
  /** Whose word about the client's address is believed: addresses or networks of our own proxies. */
  trustedProxies: string[]
  limits: LimitSettings
  /** For file systems that never tear a page. */
  allowFullPageWritesOff: boolean
  /** The SMTP server for the Monday mails and whom they come from; without it none are sent. */
  mail: { url: string; from: string } | undefined
  /** Whose free space is told in the metrics. */
  volumes: Volume[]
  /** Where our own spans go: the collector's receiver for servers. Unset: nowhere. */
  otlpEndpoint: string | undefined
}

/** Reads the service's settings. @throws naming the variable that is missing or wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const host = env.HOST || '127.0.0.1'
  const port = readPort(env, 'PORT', 8080)
  return {
    databaseUrl: required(env, 'DATABASE_URL', 'postgres://user:password@host:5432/database'),
    host,
    port,
    operationsPort: readPort(env, 'OPERATIONS_PORT', 8081),
    publicUrl: readUrl(env, 'PUBLIC_URL') ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    collectorUrl: readUrl(env, 'COLLECTOR_URL') ?? 'http://127.0.0.1:4318',
    tracesUrl: readUrl(env, 'TRACES_URL'),
    grafanaUrl: readUrl(env, 'GRAFANA_URL'),
    prometheusUrl: readUrl(env, 'PROMETHEUS_URL'),
    alertmanagerUrl: readUrl(env, 'ALERTMANAGER_URL'),
    canaryUrl: readUrl(env, 'CANARY_METRICS_URL'),
    logLevel: env.LOG_LEVEL || 'info',
    trustedProxies: (env.TRUSTED_PROXIES ?? '').split(/[\s,]+/).filter(Boolean),
    mail: readMail(env),
    allowFullPageWritesOff: env.ALLOW_FULL_PAGE_WRITES_OFF === 'true',
    volumes: readVolumes(env.VOLUMES ?? ''),
    otlpEndpoint: readUrl(env, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
    limits: {
      addressRequestsPerMinute: readLimit(env, 'LIMIT_ADDRESS_REQUESTS_PER_MINUTE', 600),
      keyEventsPerSecond: readLimit(env, 'LIMIT_KEY_EVENTS_PER_SECOND', 500),
      tenantEventsPerDay: readLimit(env, 'LIMIT_TENANT_EVENTS_PER_DAY', 5_000_000),
      keySpanBytesPerSecond: readLimit(env, 'LIMIT_KEY_SPAN_BYTES_PER_SECOND', 200_000),
    },
  }
}

function readMail(env: NodeJS.ProcessEnv): Config['mail'] {
  const { SMTP_URL: url, MAIL_FROM: from } = env
  if (!url) return undefined
  if (!/^smtps?:\/\//.test(url)) throw new Error('SMTP_URL looks like smtp://user:password@mail.example.com:587')
  if (!from)
    throw new Error('MAIL_FROM is not set. Set it beside SMTP_URL, such as "Leadlight <leadlight@example.com>"')
  return { url, from }
}

function required(env: NodeJS.ProcessEnv, name: string, example: string): string {
  const value = env[name]
  if (!value) throw new Error(`${name} is not set. Set it, for example ${name}=${example}`)
  return value
}

/** Paths are appended to it; empty, as compose hands over what is not set, is unset. */
const readUrl = (env: NodeJS.ProcessEnv, name: string): string | undefined =>
  env[name]?.replace(/\/+$/, '') || undefined

/** `name=path` for each, separated by commas. */
function readVolumes(text: string): Volume[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, name, path] = /^\s*([a-z][a-z0-9_-]{0,31})=(\/.*?)\s*$/.exec(part) ?? []
      if (!name || !path) throw new Error(`VOLUMES has "${part}". Write name=/path for each, separated by commas`)
      return { name, path }
    })
}

/** A number, where 0 is no limit. */
function readLimit(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name]
  if (text === undefined || text === '') return fallback
  const limit = Number(text)
  if (!(limit >= 0 && Number.isFinite(limit))) {
    throw new Error(`${name} is "${text}", which is no limit. Set it to a number, or to 0 for none`)
  }
  return limit
}

function readPort(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name]
  if (text === undefined || text === '') return fallback
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} is "${text}", which is no port. Set it to a number from 0 to 65535`)
  }
  return port
}
