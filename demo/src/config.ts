// The environment, read in this one place.

export type Config = {
  host: string
  port: number
  /** ingest-service as browsers reach it, without a trailing slash. */
  ingestUrl: string
  siteKey: string
  /** Linked from the page when given. */
  portalUrl: string | undefined
  alertsUrl: string | undefined
  /** The collector's receiver for our own servers; without it the API is untraced. */
  tracesEndpoint: string | undefined
}

/** @throws naming the variable that is missing or wrong */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: readPort(env, 'DEMO_PORT', 8090),
    ingestUrl: required(env, 'INGEST_URL', 'http://127.0.0.1:8080').replace(/\/+$/, ''),
    siteKey: required(env, 'SITE_KEY', 'the pk_… that `leadlight tenant add` prints'),
    portalUrl: env.PORTAL_URL || undefined,
    alertsUrl: env.ALERTS_URL || undefined,
    tracesEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '') || undefined,
  }
}

export const readAlertsConfig = (env: NodeJS.ProcessEnv): { host: string; port: number } => ({
  host: env.HOST ?? '127.0.0.1',
  port: readPort(env, 'ALERTS_PORT', 8091),
})

function required(env: NodeJS.ProcessEnv, name: string, example: string): string {
  const value = env[name]
  if (!value) throw new Error(`${name} is not set. Set it to ${example}`)
  return value
}

function readPort(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const port = Number(env[name] || fallback)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} is "${env[name]}", which is no port. Set it to a number from 0 to 65535`)
  }
  return port
}
