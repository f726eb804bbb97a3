// Looks at the configuration and every connection, and says what to do about what is wrong.
import { fewestDaysAhead, retentionLateSeconds, rollupLateSeconds } from 'contract/thresholds'
import type pg from 'pg'
import type { Connection } from './cli/connection.ts'
import { findUndurable } from './durability.ts'
import { readErasures } from './erasure-log.ts'
import { pendingMigrations } from './migrate.ts'
import { readUpkeep } from './upkeep.ts'

export type Finding = { check: string; state: 'ok' | 'warning' | 'failed'; detail: string }

const reachMs = 3_000

/** One finding for each thing checked; none depends on another having succeeded. */
export async function examine(
  db: pg.Pool,
  { publicUrl, erasureLog }: Connection,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
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
    erasureLog ? check('erasures', () => findErasures(db, erasureLog)) : [],
    check('public address', () => findPublic(publicUrl)),
    check('proxies', async () => findProxies(publicUrl, env.TRUSTED_PROXIES)),
    env.COLLECTOR_URL ? check('collector', () => findAnswer(env.COLLECTOR_URL!, 'COLLECTOR_URL')) : [],
    check('Monday mail', () => findMail(db, env)),
    check('roll-up', () => findRollup(db)),
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
  const off = (await findUndurable(db)).join(', ')
  return off
    ? failed(`${off} is off: an answered event could be lost. Set it on`)
    : 'fsync, full_page_writes and synchronous_commit are on'
}

async function findDaysAhead(db: pg.Pool): Promise<string> {
  const { daysAhead } = await readUpkeep(db)
  return daysAhead >= fewestDaysAhead
    ? `${daysAhead} days ahead`
    : failed(`only ${daysAhead} days ahead: is ingest-service running?`)
}

async function findRetention(db: pg.Pool): Promise<string> {
  const { retentionAt } = await readUpkeep(db)
  if (retentionAt === 0) return warning('has not run yet: ingest-service runs it, or `leadlight retention run`')
  const at = new Date(retentionAt * 1_000).toISOString()
  return Date.now() / 1_000 - retentionAt > retentionLateSeconds
    ? failed(`last ran at ${at}: is ingest-service running?`)
    : `last ran at ${at}`
}

/** After a restore, what was erased since the backup is there again. */
async function findErasures(db: pg.Pool, erasureLog: string): Promise<string> {
  const erasures = await readErasures(erasureLog)
  const { rows } = await db.query<{ missing: number }>(
    `select count(*)::int as missing
     from unnest($1::uuid[], $2::uuid[]) as erasure (tenant_id, session_id)
     where case when session_id is null
       then exists (select from leadlight.tenants t where t.tenant_id = erasure.tenant_id)
       else exists (select from leadlight.tenants t where t.tenant_id = erasure.tenant_id)
         and not exists (select from leadlight.erased_sessions e where (e.tenant_id, e.session_id) = (erasure.tenant_id, erasure.session_id))
     end`,
    [erasures.map((each) => each.tenant_id), erasures.map((each) => each.session_id)],
  )
  const { missing } = rows[0]!
  return missing === 0
    ? `all ${erasures.length} of ${erasureLog} are done`
    : failed(`${missing} of ${erasureLog} are not done: run \`leadlight erasures reapply\``)
}

async function findMail(db: pg.Pool, env: NodeJS.ProcessEnv): Promise<string> {
  const { rows } = await db.query<{ tenants: number }>(
    'select count(distinct tenant_id)::int as tenants from leadlight.mail_addresses',
  )
  const { tenants } = rows[0]!
  if (tenants === 0) return 'nobody has asked for it'
  if (!env.SMTP_URL) return warning(`${tenants} asked for it, and SMTP_URL is not set here: is it for ingest-service?`)
  return `sent to ${tenants}`
}

async function findRollup(db: pg.Pool): Promise<string> {
  const { rollupLag } = await readUpkeep(db)
  return rollupLag < rollupLateSeconds
    ? 'counts what is stored'
    : failed(`${Math.round(rollupLag / 60)} minutes behind what is stored: is ingest-service running?`)
}

/** The service itself speaks no TLS, so behind an https address stands a proxy, whose address all visitors would share. */
function findProxies(publicUrl: string, trustedProxies = ''): string {
  if (trustedProxies.trim() !== '') return `TRUSTED_PROXIES is ${trustedProxies}`
  return publicUrl.startsWith('https:')
    ? warning(
        'PUBLIC_URL is https and TRUSTED_PROXIES empty: to the limits all visitors have the address of your proxy',
      )
    : 'none: the address of a visitor is that of the connection'
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
