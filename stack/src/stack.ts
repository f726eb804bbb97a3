// Starts the processes in the order of their needs, keeps them running and stops them: what `npm start` and the whole-stack tests share.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, defaultConfig } from './config.ts'
import { tryLock } from './lock.ts'
import { openLog } from './log.ts'
import { identify } from './pids.ts'
import { type Ports, portsInUse } from './ports.ts'
import { type Process, type Stack, stackUrl } from './process.ts'
import { listProcesses } from './processes.ts'
import { describeRunning, endLeftovers, forgetHolds, forgetRunning, hold, holdFile, writeRunning } from './running.ts'
import { type Supervised, supervise } from './supervisor.ts'
import type { StackTenant } from './tenant.ts'
import { GoMissing } from './tools.ts'

/** A start that cannot be made; the message says what to do. */
class CannotStart extends Error {
  override name = 'CannotStart'
}

type StackOptions = {
  dataDir: string
  /** Those that move from their defaults. */
  ports?: Partial<Ports>
  /** Only PostgreSQL, ingest-service, demo site and alert receiver. */
  core?: boolean
  /** Told in one sentence of what happens. */
  log(line: string): void
  /** Told how far a build is; `log` unless given. */
  progress?(line: string): void
  /** Told as each process answers for the first time. */
  onReady?(process: Process): void
  /** Settings that differ from the defaults; a test's stack takes none from the environment. */
  config?: Partial<Config>
  /** Stops everything, also half-way through the start. */
  signal?: AbortSignal
}

export type StackHandle = {
  config: Config
  ports: Ports
  publicUrl: string
  databaseUrl: string
  demoTenant: StackTenant
  /** Resolves when everything answers; rejects with the reason of the first part that does not. */
  ready: Promise<void>
  /** Stops one process until it is resumed, as `npm start -- --stop NAME` does. */
  stop(name: string): Promise<void>
  resume(name: string): Promise<void>
  /** Stops everything in reverse order; nothing is left. */
  close(): Promise<void>
}

/** Resolves when the core answers; the rest follows. @throws CannotStart */
export async function startStack({ dataDir, core = false, log, ...options }: StackOptions): Promise<StackHandle> {
  const config = defaultConfig({ ...options.config, dataDir }, options.ports)
  await mkdir(dataDir, { recursive: true })
  const unlock = tryLock(join(dataDir, 'lock'))
  if (!unlock) throw new CannotStart(describeRunning(dataDir))

  const stopping = new AbortController()
  const stack: Stack = { ...config, say: log, progress: options.progress ?? log, signal: stopping.signal }
  const parts = listProcesses(stack).filter((part) => part.core || !core)
  const supervised = new Map<string, Supervised>()
  const started = new Map<string, Promise<void>>()
  const startedAt = new Date().toISOString()
  let written = Promise.resolve()
  let closed: Promise<void> | undefined

  function write() {
    const databaseUrl = stackUrl(stack)
    if (!databaseUrl) return
    const running = parts.map(({ name }) => [name, supervised.get(name)?.running() ?? null] as const)
    const { publicUrl, ports } = config
    const state = { ...identify(process.pid), startedAt, databaseUrl, publicUrl, ports }
    written = written.then(() => writeRunning(dataDir, { ...state, processes: Object.fromEntries(running) }))
  }

  async function start(part: Process) {
    const needed = part.needs.map((name) => started.get(name))
    // the core goes up or down together; of the rest each comes up as far as it can
    await (part.core ? Promise.all(needed) : Promise.allSettled(needed))
    await part.prepare().catch((error: Error) => {
      const told = part.core || stopping.signal.aborted || error instanceof GoMissing
      if (!told) log(`${part.title} is left out: ${error.message}`)
      throw error
    })
    stopping.signal.throwIfAborted()
    const surroundings = {
      log: openLog(join(dataDir, 'logs', `${part.name}.log`)),
      say: log,
      held: () => existsSync(holdFile(dataDir, part.name)),
      onChange: write,
    }
    const process = supervise(part, surroundings)
    supervised.set(part.name, process)
    await process.ready
    options.onReady?.(part)
  }

  function startAll(some: Process[]): Promise<unknown> {
    for (const part of some) {
      const promise = start(part)
      promise.catch(() => {})
      started.set(part.name, promise)
    }
    return Promise.all(some.map(({ name }) => started.get(name)))
  }

  function close() {
    closed ??= (async () => {
      stopping.abort()
      for (const { name } of parts.toReversed()) await supervised.get(name)?.close()
      await Promise.allSettled(started.values())
      await written
      await forgetRunning(dataDir)
      unlock?.()
    })()
    return closed
  }

  try {
    options.signal?.throwIfAborted()
    options.signal?.addEventListener('abort', close)
    await endLeftovers(dataDir, log)
    await forgetHolds(dataDir)
    const wanted = parts.flatMap(({ ports, title }) => ports.map((name) => ({ name, port: config.ports[name], title })))
    const inUse = await portsInUse(config.host, wanted)
    if (inUse.length) throw new CannotStart(inUse.join('\n'))
    await startAll(parts.filter((part) => part.core))
    await written
  } catch (error) {
    await close()
    throw error
  }
  const rest = parts.filter((part) => !part.core)
  const ready = startAll(rest).then(() => written)
  ready.catch(() => {})
  void tellMissing(rest, started, log)
  return {
    config,
    ports: config.ports,
    publicUrl: config.publicUrl,
    databaseUrl: stackUrl(stack) as string,
    demoTenant: stack.tenant as StackTenant,
    ready,
    close,
    stop: async (name) => void (await hold(dataDir, name, true)),
    resume: async (name) => void (await hold(dataDir, name, false)),
  }
}

/** One sentence for all that Go would be needed for. */
async function tellMissing(parts: Process[], started: Map<string, Promise<void>>, log: (line: string) => void) {
  const results = await Promise.allSettled(parts.map(({ name }) => started.get(name)))
  const missing = results.flatMap((result, index) =>
    result.status === 'rejected' && result.reason instanceof GoMissing
      ? [{ title: parts[index]?.title, reason: result.reason.message }]
      : [],
  )
  if (missing.length) log(`Left out: ${missing.map(({ title }) => title).join(', ')}. ${missing[0]?.reason}`)
}
