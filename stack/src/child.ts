// One child process that cannot outlive the process that started it, not even one that was killed.
import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { identify, lives } from './pids.ts'
import { waitFor } from './wait.ts'

export type Command = {
  file: string
  args: string[]
  env?: Record<string, string | undefined>
  cwd?: string
  /** The user it runs as, where that is another one. */
  uid?: number
  gid?: number
}

export type Child = {
  pid: number
  stdout: Readable
  stderr: Readable
  /** Resolves with how it ended: `exit code 1`, `SIGKILL`. */
  exited: Promise<string>
  /** The same, once whoever listens has all that it printed. */
  ended: Promise<string>
  /** Asks it to stop and kills it when it has not within `graceMs`. */
  stop(graceMs: number): Promise<void>
  kill(): void
}

// A watcher beside the program waits for a word on a pipe from us: end of file without a word means that we are gone.
// The program replaces the shell, so its id, signals and exit code are its own.
const guard = `{ read -r word <&3 || {
  kill -s "$0" $$
  for second in 1 2 3 4 5 6 7 8; do sleep 1; kill -0 $$ || exit; done
  kill -KILL $$
}; } >/dev/null 2>&1 &
exec 3<&-
exec "$@"`

const living = new Set<Child>()

/** Ends every child at once, without asking. */
export function killChildren(): void {
  for (const child of living) child.kill()
}

/** Starts it in a session of its own, so that Ctrl-C in a terminal reaches us alone. Throws when it cannot be started. */
export function startChild(command: Command, stopSignal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Child {
  const { file, args, env, cwd = '/', uid, gid } = command
  const child = spawn('/bin/sh', ['-c', guard, stopSignal.slice(3), file, ...args], {
    env: { ...process.env, ...env },
    cwd,
    ...(uid === undefined ? {} : { uid, gid }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const { pid } = child
  child.on('error', () => {})
  if (pid === undefined) throw new Error(`${file} could not be started`)
  const word = child.stdio[3] as Writable
  word.on('error', () => {})
  const born = identify(pid)
  const gone = () => !lives(born)
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      word.end('\n')
      living.delete(self)
      resolve(signal ?? `exit code ${code}`)
    })
  })
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(exited)))
  const kill = () => {
    if (!gone()) process.kill(-pid, 'SIGKILL')
  }
  const self: Child = {
    pid,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exited,
    ended,
    kill,
    async stop(graceMs) {
      if (!gone()) process.kill(pid, stopSignal)
      if (!(await waitFor(gone, { timeoutMs: graceMs, intervalMs: 20 }))) kill()
      await exited
    },
  }
  living.add(self)
  return self
}
