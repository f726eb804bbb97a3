// The environment, read in this one place.
import { readFileSync } from 'node:fs'

/** The reserved tenant as `leadlight tenant add --canary --json` prints it. */
export type CanaryTenant = { tenant_id: string; site_key: string; read_token: string }

export type Config = {
  host: string
  port: number
  /** The address real visitors use, without a trailing slash. */
  url: string
  tenant: CanaryTenant
  /** Where span metrics are looked for; without it they are not. */
  prometheusUrl: string | undefined
  intervalMs: number
}

/** @throws naming the variable that is missing or wrong */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return {
    host: env.HOST || '127.0.0.1',
    port: readNumber(env, 'CANARY_PORT', 8082, 65_535),
    url: required(env, 'CANARY_URL', 'the address by which visitors reach ingest-service').replace(/\/+$/, ''),
    tenant: readTenant(required(env, 'CANARY_TENANT_FILE', 'a file with what `leadlight tenant add --canary` prints')),
    prometheusUrl: env.PROMETHEUS_URL?.replace(/\/+$/, '') || undefined,
    intervalMs: readNumber(env, 'CANARY_INTERVAL_SECONDS', 60, 3_600) * 1_000,
  }
}

function readTenant(file: string): CanaryTenant {
  const write = 'write it with `leadlight tenant add --canary --json`'
  let tenant: Record<string, unknown>
  try {
    tenant = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`CANARY_TENANT_FILE is ${file}, which cannot be read as JSON: ${write}`, { cause })
  }
  for (const field of ['tenant_id', 'site_key', 'read_token'])
    if (typeof tenant[field] !== 'string') throw new Error(`${file} has no ${field}: ${write}`)
  return tenant as CanaryTenant
}

function required(env: NodeJS.ProcessEnv, name: string, what: string): string {
  const value = env[name]
  if (!value) throw new Error(`${name} is not set. Set it to ${what}`)
  return value
}

function readNumber(env: NodeJS.ProcessEnv, name: string, fallback: number, most: number): number {
  const number = Number(env[name] || fallback)
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Error(`${name} is "${env[name]}". Set it to a whole number from 1 to ${most}`)
  return number
}
