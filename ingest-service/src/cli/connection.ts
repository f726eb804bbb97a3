// Finds the database and the public address: from the environment, or from the stack that `npm start` runs.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Connection = {
  databaseUrl: string
  publicUrl: string
  /** The file that keeps what was erased; none unless set or a stack runs here. */
  erasureLog?: string
}

/** @throws saying what to set when neither is there. */
export function findConnection(env: NodeJS.ProcessEnv): Connection {
  const running = readRunning(env)
  const databaseUrl = env.DATABASE_URL || running?.databaseUrl
  if (!databaseUrl) {
    throw new Error(
      'No database: set DATABASE_URL, or run `npm start` first (LEADLIGHT_DATA says where it keeps its data)',
    )
  }
  const publicUrl = env.PUBLIC_URL || running?.publicUrl || 'http://127.0.0.1:8080'
  const erasureLog =
    env.ERASURE_LOG || (running && !env.DATABASE_URL ? `${dataDirectory(env)}/erasures.ndjson` : undefined)
  return { databaseUrl, publicUrl: publicUrl.replace(/\/+$/, ''), erasureLog }
}

/** @throws saying what to set when there is none. */
export function findAlertmanager(env: NodeJS.ProcessEnv): string {
  const port = readRunning(env)?.ports?.ALERTMANAGER_PORT
  const url = env.ALERTMANAGER_URL || (port && `http://127.0.0.1:${port}`)
  if (!url) throw new Error('No Alertmanager: set ALERTMANAGER_URL, or run `npm start` first')
  return url.replace(/\/+$/, '')
}

type Running = Connection & { ports?: { ALERTMANAGER_PORT?: number } }

const dataDirectory = (env: NodeJS.ProcessEnv): string =>
  env.LEADLIGHT_DATA || fileURLToPath(new URL('../../../.leadlight', import.meta.url))

function readRunning(env: NodeJS.ProcessEnv): Running | null {
  try {
    return JSON.parse(readFileSync(`${dataDirectory(env)}/stack.json`, 'utf8')) as Running
  } catch {
    return null
  }
}
