// A database of its own for each test file: a copy of one that was migrated once, on a server that lives as long as the test run.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { startChild } from './child.ts'
import { freePort } from './ports.ts'
import {
  answers,
  type Cluster,
  databaseUrl,
  ensureDatabase,
  postgresCommand,
  prepareCluster,
  query,
  serviceLogin,
  superuserUrl,
} from './postgres.ts'
import { waitFor } from './wait.ts'

const template = 'leadlight_template'
const variable = 'LEADLIGHT_TEST_DATABASE'
const root = fileURLToPath(new URL('../..', import.meta.url))
// as durable as the service demands
const settings = ['max_connections=300']
/** Who is connected to a database for longer after its test has no intention of leaving. */
const leaveMs = 5_000

/** A migrated database for this test alone, dropped at its end: as the service logs in, and as the superuser who sees all rows. */
export async function cloneDatabase(t: {
  teardown(end: () => unknown): unknown
}): Promise<{ url: string; superuserUrl: string }> {
  const server = process.env[variable]
  if (!server) throw new Error('This test needs the database server that `npm test` starts: run `npm test -- PATH`')
  const name = `test_${randomBytes(6).toString('hex')}`
  await query(server, `create database ${name} template ${template} owner ${serviceLogin}`)
  t.teardown(async () => {
    // a pool that has ended may still be closing its connections: one of them cut off would be an error that nobody handles
    const connected = `select from pg_stat_activity where datname = '${name}' and backend_type = 'client backend'`
    const isDeserted = async () => (await query(server, connected)).rowCount === 0
    await waitFor(isDeserted, { timeoutMs: leaveMs, intervalMs: 20 })
    await query(server, `drop database ${name} with (force)`)
  })
  const url = new URL(server)
  url.pathname = name
  const superuser = url.href
  url.username = serviceLogin
  return { url: url.href, superuserUrl: superuser }
}

/** A server with nothing on it, for a test that sets what counts for the whole server, or for `startTestServer`. */
export async function startEmptyServer(): Promise<{ cluster: Cluster; port: number; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'leadlight-test-'))
  await chmod(directory, 0o711)
  const cluster = await prepareCluster(join(directory, 'postgres'), () => {})
  const port = await freePort()
  const server = startChild(await postgresCommand(cluster, port, settings), 'SIGINT')
  let output = ''
  server.stdout.resume()
  server.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-4_000)
  })
  const close = async () => {
    await server.stop(5_000)
    await rm(directory, { recursive: true, force: true })
  }
  if (await waitFor(() => answers(superuserUrl(cluster, port)), { timeoutMs: 30_000 })) return { cluster, port, close }
  await close()
  throw new Error(`The test database did not start: ${output}`)
}

/** Starts the server with the migrated template and puts its address where `cloneDatabase` finds it. */
export async function startTestServer(): Promise<{ close(): Promise<void> }> {
  const { cluster, port, close } = await startEmptyServer()
  try {
    await ensureDatabase(cluster, port, template)
    const env = { DATABASE_URL: databaseUrl(cluster, port, template) }
    await execa(process.execPath, [join(root, 'ingest-service/src/leadlight.ts'), 'migrate'], { env })
    process.env[variable] = superuserUrl(cluster, port)
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}
