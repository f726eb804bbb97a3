// A PostgreSQL of the test's own, as durable as an operator's, to be killed and started again.
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { addTenant } from 'ingest-service/cli/tenants'
import { migrate } from 'ingest-service/migrate'
import pg from 'pg'
import { type Child, startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import {
  answers,
  type Cluster,
  databaseUrl,
  ensureDatabase,
  postgresCommand,
  prepareCluster,
  superuserUrl,
} from 'stack/postgres'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

export type Database = {
  port: number
  /** As the service logs in. */
  url: string
  /** Sees and may do everything. */
  superuserUrl: string
  tenant: { tenant_id: string; site_key: string; read_token: string }
  start(): Promise<void>
  /** Starts it again whenever it has ended by itself, as a supervisor does, until told to stop. */
  keep(stop: AbortSignal): Promise<void>
  /** Kills all of its processes in one instant. @returns what they were */
  kill(): Promise<string[]>
  /** What it wrote last, for a test that fails. */
  lastWords(): string
}

type Options = {
  settings?: string[]
  /** Told where the files are, before the first start. */
  onPrepared?: (cluster: Cluster) => void
}

const startMs = 60_000
const restartMs = 500

/** Starts it with the newest schema and one tenant. */
export async function startDatabase(t: Test, { settings = [], onPrepared }: Options = {}): Promise<Database> {
  const directory = await mkdtemp(join(tmpdir(), 'leadlight-faults-'))
  await chmod(directory, 0o711)
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const cluster = await prepareCluster(join(directory, 'postgres'), t.comment)
  onPrepared?.(cluster)
  const port = await freePort()
  const url = databaseUrl(cluster, port)
  const superuser = superuserUrl(cluster, port, 'leadlight')
  let server: Child | undefined
  let output = ''

  async function launch(): Promise<void> {
    server = startChild(await postgresCommand(cluster, port, settings), 'SIGINT')
    server.stdout.resume()
    server.stderr.on('data', (chunk) => {
      output = (output + chunk).slice(-4_000)
    })
  }

  async function start(): Promise<void> {
    await launch()
    if (!(await waitFor(() => answers(superuserUrl(cluster, port)), { timeoutMs: startMs, intervalMs: 50 })))
      throw new Error(`PostgreSQL does not come up: ${output}`)
  }

  t.teardown(() => server?.stop(10_000))
  await start()
  await ensureDatabase(cluster, port)
  const owner = new pg.Pool({ connectionString: url, max: 1 })
  await migrate(owner)
  const tenant = await addTenant(owner, { name: 'Acme', timeZone: 'UTC', origins: [] })
  await owner.end()
  return {
    port,
    url,
    superuserUrl: superuser,
    tenant,
    start,
    async keep(stop) {
      const { promise: stopped, resolve } = Promise.withResolvers<void>()
      stop.addEventListener('abort', () => resolve())
      while (!stop.aborted) {
        await Promise.race([server!.exited, stopped])
        if (stop.aborted) return
        await setTimeout(restartMs)
        await launch()
      }
    },
    async kill() {
      const killed = killFamily(server!.pid)
      await server!.exited
      return killed
    },
    lastWords: () => output,
  }
}

/**
 * Kills a server with all its children, each of which leads a process group of its own. The parent is stopped first:
 * it starts no more of them, and none has time to notice that others are gone.
 */
function killFamily(parent: number): string[] {
  process.kill(parent, 'SIGSTOP')
  const family = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((found) => (found ? [{ pid: Number(found[1]), ppid: Number(found[2]), title: found[3]! }] : []))
    .filter(({ pid, ppid }) => ppid === parent || pid === parent)
    // it last: who has ended meanwhile stands in the table of processes as long as its parent is only stopped
    .sort((one, other) => Number(one.pid === parent) - Number(other.pid === parent))
  for (const { pid } of family) process.kill(pid, 'SIGKILL')
  return family.map(({ title }) => title)
}
