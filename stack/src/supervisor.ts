// Keeps one process running: starts it, knows when it answers, starts it again when it dies, says so in one sentence.
import { setTimeout } from 'node:timers/promises'
import { type Child, type Command, startChild } from './child.ts'
import type { Log } from './log.ts'
import { type Identity, identify } from './pids.ts'
import { waitFor } from './wait.ts'

export type Runnable = {
  name: string
  title: string
  /** Called before each start. */
  command(): Promise<Command>
  healthy(): Promise<boolean>
  stopSignal?: 'SIGINT' | 'SIGTERM'
  /** How long it may take to stop before it is killed, where that is longer than usual, in milliseconds. */
  stopMs?: number
}

export type Supervised = {
  /** Resolves when it answers for the first time; rejects when it does not come up at all. */
  ready: Promise<void>
  /** The running child with what tells it from a later process of the same id. */
  running(): Identity | undefined
  /** Stops it for good. */
  close(): Promise<void>
}

type Surroundings = {
  log: Log
  say(line: string): void
  /** Whether it is to stay stopped for now. */
  held(): boolean
  /** Told when a child begins or ends. */
  onChange(): void
}

const answerMs = 60_000
/** Longer than most of them give themselves. */
const usualStopMs = 15_000
const firstDelayMs = 500
const maxDelayMs = 30_000
/** Who has run this long did not crash at start. */
const steadyMs = 30_000
const attempts = 4

export function supervise(process: Runnable, { log, say, held, onChange }: Surroundings): Supervised {
  const { name, title, stopMs = usualStopMs } = process
  const closing = new AbortController()
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  ready.catch(() => {})
  let child: Child | undefined
  let running: Identity | undefined
  let answered = false

  /** One life; what ended it, or nothing when we did. */
  async function live(): Promise<string | undefined> {
    const command = await process.command()
    if (closing.signal.aborted) return undefined
    const life = startChild(command, process.stopSignal)
    child = life
    running = identify(life.pid)
    log.take(life.stdout)
    log.take(life.stderr)
    onChange()
    const ended = new AbortController()
    void life.exited.then(() => ended.abort())
    const hold = watchHold(life, ended.signal)
    const up = await waitFor(process.healthy, { timeoutMs: answerMs, signal: ended.signal })
    if (up && !ended.signal.aborted) {
      if (answered) say(`${title} answers again`)
      answered = true
      resolve()
    } else if (!ended.signal.aborted) await life.stop(stopMs)
    const reason = await life.exited
    await hold
    child = running = undefined
    onChange()
    if (closing.signal.aborted || held()) return undefined
    return up ? reason : ended.signal.aborted && reason ? reason : `no answer within ${answerMs / 1_000} s`
  }

  async function watchHold(life: Child, ended: AbortSignal) {
    const told = await waitFor(held, { timeoutMs: Number.POSITIVE_INFINITY, intervalMs: 200, signal: ended })
    if (told && !ended.aborted) await life.stop(stopMs)
  }

  async function run() {
    let failures = 0
    while (!closing.signal.aborted) {
      if (held()) {
        say(`${title} is stopped; npm start -- --resume ${name} brings it back`)
        await waitFor(() => !held(), { timeoutMs: Number.POSITIVE_INFINITY, intervalMs: 200, signal: closing.signal })
        continue
      }
      const startedMs = performance.now()
      const reason = await live().catch((error: Error) => error.message)
      if (reason === undefined) continue
      failures = performance.now() - startedMs > steadyMs ? 1 : failures + 1
      const delayMs = Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs)
      const last = `Its last line was: ${log.lastLine().slice(0, 300) || '(none)'} (${log.path})`
      if (!answered && failures === attempts) {
        reject(new Error(`${title} does not start (${reason}, ${attempts} times). ${last}`))
        say(`${title} does not start (${reason}, ${attempts} times). ${last}`)
      } else if (failures > 2)
        say(`${title} keeps ending (${reason}, ${failures} times); trying again in ${seconds(delayMs)}. ${last}`)
      else say(`${title} ended (${reason}); starting it again in ${seconds(delayMs)}`)
      await setTimeout(delayMs, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  const done = run()
  return {
    ready,
    running: () => running,
    async close() {
      closing.abort()
      reject(new Error(`${title} was stopped`))
      await child?.stop(stopMs)
      await done
      log.close()
    },
  }
}

const seconds = (ms: number) => `${ms / 1_000} s`
