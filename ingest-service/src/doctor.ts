// Looks at the configuration and every connection, and says what to do about what is wrong.
import type pg from 'pg'
import type { Connection } from './cli/connection.ts'
import { pendingMigrations } from './migrate.ts'

export type Finding = { check: string; state: 'ok' | 'warning' | 'failed'; detail: string }

const reachMs = 3_000
const fewestDaysAhead = 3

/** One finding for each thing checked; none depends on another having succeeded. */
export async function examine(db: pg.Pool, { publicUrl }: Connection, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const examined = await Promise.all([
    check('database', () => findVersion(db)),
    check('durability', () => findDurability(db)),
    check('schema', async () => {
      const pending = await pendingMigrations(db)
      return pending.length === 0
        ? 'up to date'
        : failed(`${pending.join(', ')} not applied: run \`leadlight migrate\``)
    }),
    check('partitions', () => findDaysAhead(db)),
    check('retention', () => findRetention(db)),
    check('public address', () => findPublic(publicUrl)),
    env.COLLECTOR_URL ? check('collector', () => findAnswer(env.COLLECTOR_URL!, 'COLLECTOR_URL')) : [],
    check('dead man', async () =>
      env.DEADMAN_URL
        ? 'DEADMAN_URL is set'
        : warning('DEADMAN_URL is not set: nobody notices when alerting itself is down'),
    ),
  ])
  return examined.flat()
}

class Complaint extends Error {
  readonly state: 'warning' | 'failed'
  constructor(state: 'warning' | 'failed', detail: string) {
    super(detail)
    this.state = state
  }
}
const failed = (detail: string): never => {
  throw new Complaint('failed', detail)
}
const warning = (detail: string): never => {
  throw new Complaint('warning', detail)
}

async function check(name: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check: name, state: 'ok', detail: await look() }
  } catch (error) {
    const { message } = error as Error
    return { check: name, state: error instanceof Complaint ? error.state : 'failed', detail: message }
  }
}

async function findVersion(db: pg.Pool): Promise<string> {
  const { rows } = await db.query<{ version: string }>("select current_setting('server_version') as version")
  const version = rows[0]!.version
  return Number.parseInt(version, 10) >= 18
    ? `PostgreSQL ${version}`
    : failed(`PostgreSQL ${version}: 18 or newer is needed`)
}

async function findDurability(db: pg.Pool): Promise<string> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'",
  )
  const off = rows.map((row) => row.name).join(', ')
  return off
    ? failed(`${off} is off: an answered event could be lost. Set it on`)
    : 'fsync, full_page_writes and synchronous_commit are on'
}

async function findDaysAhead(db: pg.Pool): Promise<string> {
  const { rows } = await db.query<{ last: string | null }>(
    "select max(right(relname, 8)) as last from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'leadlight.events'::regclass",
  )
  const last = rows[0]!.last
  const day = last ? Date.parse(`${last.slice(0, 4)}-${last.slice(4, 6)}-${last.slice(6)}T00:00:00Z`) : 0
  const ahead = Math.floor((day - Date.now()) / 86_400_000) + 1
  return ahead >= fewestDaysAhead
    ? `${ahead} days ahead`
    : failed(`only ${ahead} days ahead: is ingest-service running?`)
}

async function findRetention(db: pg.Pool): Promise<string> {
  const { rows } = await db.query<{ at: Date }>(
    "select succeeded_at as at from leadlight.jobs where name = 'retention'",
  )
  if (!rows[0]) return warning('has not run yet: ingest-service runs it, or `leadlight retention run`')
  const at = rows[0].at.toISOString()
  return Date.now() - rows[0].at.getTime() > 2 * 86_400_000
    ? failed(`last ran at ${at}: is ingest-service running?`)
    : `last ran at ${at}`
}

/** A loopback address is this machine's own, which inside a container is another one than the visitors'. */
async function findPublic(publicUrl: string): Promise<string> {
  const { hostname } = new URL(publicUrl)
  if (/^(localhost|127\.|\[::1\])/.test(hostname)) {
    return warning(`PUBLIC_URL is ${publicUrl}: visitors on other machines cannot reach it`)
  }
  return findAnswer(`${publicUrl}/openapi.json`, 'PUBLIC_URL')
}

async function findAnswer(url: string, variable: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(reachMs) }).catch(() => null)
  return response ? `${url} answers` : failed(`${url} does not answer: is it running, and is ${variable} right?`)
}
