// Finds the database and the public address: from the environment, or from the stack that `npm start` runs.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Connection = { databaseUrl: string; publicUrl: string }

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
  return { databaseUrl, publicUrl: publicUrl.replace(/\/+$/, '') }
}

/** @throws saying what to set when there is none. */
export function findAlertmanager(env: NodeJS.ProcessEnv): string {
  const port = readRunning(env)?.ports?.ALERTMANAGER_PORT
  const url = env.ALERTMANAGER_URL || (port && `http://127.0.0.1:${port}`)
  if (!url) throw new Error('No Alertmanager: set ALERTMANAGER_URL, or run `npm start` first')
  return url.replace(/\/+$/, '')
}

type Running = Connection & { ports?: { ALERTMANAGER_PORT?: number } }

function readRunning(env: NodeJS.ProcessEnv): Running | null {
  const directory = env.LEADLIGHT_DATA || fileURLToPath(new URL('../../../.leadlight', import.meta.url))
  try {
    return JSON.parse(readFileSync(`${directory}/stack.json`, 'utf8')) as Running
  } catch {
    return null
  }
}
