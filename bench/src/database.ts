// A PostgreSQL of the bench's own that loses nothing at a power cut, on a real disk.
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addTenant } from 'ingest-service/cli/tenants'
import { openPool, type Role } from 'ingest-service/database'
import { migrate } from 'ingest-service/migrate'
import pg from 'pg'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { answers, databaseUrl, ensureDatabase, postgresCommand, prepareCluster, superuserUrl } from 'stack/postgres'
import { waitFor } from 'stack/wait'
import type { Run } from './bench.ts'
import { origin } from './visits.ts'

/** File system type of memory on Linux: there a flush to disk costs nothing, and the figures would mean nothing. */
const tmpfs = 0x01021994

// durability is PostgreSQL's default; the rest is what an operator gives a machine of this size
const settings = ['shared_buffers=1GB', 'max_wal_size=4GB', 'max_connections=100']

export type Tenant = { tenantId: string; siteKey: string }

export type Database = {
  /** As the service logs in. */
  url: string
  /** Sees and may do everything. */
  superuser: pg.Pool
  owner: pg.Pool
  tenants: Tenant[]
}

export type Server = { pid: number; createDatabase(name: string, tenantCount: number): Promise<Database> }

export async function startServer({ say, teardown }: Pick<Run, 'say' | 'teardown'>): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'leadlight-bench-'))
  teardown(() => rm(directory, { recursive: true, force: true }))
  if ((await statfs(directory)).type === tmpfs)
    throw new Error(`${tmpdir()} is in memory; name a directory on a disk by TMPDIR`)
  await chmod(directory, 0o711)
  say('starting PostgreSQL')
  const cluster = await prepareCluster(join(directory, 'postgres'), () => {})
  const port = await freePort()
  const child = startChild(await postgresCommand(cluster, port, settings), 'SIGINT')
  teardown(() => child.stop(10_000))
  child.stdout.resume()
  let output = ''
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-4_000)
  })
  if (!(await waitFor(() => answers(superuserUrl(cluster, port)), { timeoutMs: 30_000 })))
    throw new Error(`PostgreSQL did not start: ${output}`)

  return {
    pid: child.pid,
    async createDatabase(name, tenantCount) {
      await ensureDatabase(cluster, port, name)
      const url = databaseUrl(cluster, port, name)
      const owner = openTestPool(url, teardown, { size: 1 })
      const superuser = new pg.Pool({ connectionString: superuserUrl(cluster, port, name), max: 1 })
      superuser.on('error', () => {})
      teardown(() => superuser.end())
      await migrate(owner)
      const tenants: Tenant[] = []
      for (let number = 1; number <= tenantCount; number++) {
        const added = await addTenant(owner, { name: `Tenant ${number}`, timeZone: 'UTC', origins: [origin] })
        tenants.push({ tenantId: added.tenant_id, siteKey: added.site_key })
      }
      return { url, superuser, owner, tenants }
    },
  }
}

/** A pool in one of the service's roles that is closed at the end. */
export function openTestPool(
  url: string,
  teardown: Run['teardown'],
  { role, size }: { role?: Role; size: number },
): pg.Pool {
  const pool = openPool(url, { role, size, statementMs: 120_000, onError: () => {} })
  teardown(() => pool.end())
  return pool
}
