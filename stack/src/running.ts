// What is known of a stack that runs, or of one that was killed: `stack.json` in its data directory.
import { readFileSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Identity, lives } from './pids.ts'
import type { Ports } from './ports.ts'
import { waitFor } from './wait.ts'

export type Running = Identity & {
  startedAt: string
  databaseUrl: string
  publicUrl: string
  ports: Ports
  /** Every process by name; null while it does not run. */
  processes: Record<string, Identity | null>
}

const endMs = 12_000

export async function writeRunning(dataDir: string, running: Running): Promise<void> {
  const file = join(dataDir, 'stack.json')
  await writeFile(`${file}.new`, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export const forgetRunning = (dataDir: string) => rm(join(dataDir, 'stack.json'), { force: true })

export function readRunning(dataDir: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8')) as Running
  } catch {
    return undefined
  }
}

/** What to say to a second start. */
export function describeRunning(dataDir: string): string {
  const running = readRunning(dataDir)
  const who = running ? ` as process ${running.pid} since ${running.startedAt.slice(0, 16).replace('T', ' ')} UTC` : ''
  return `Leadlight runs already${who} with the data in ${dataDir}; stop it with Ctrl-C where it was started, or kill ${running?.pid ?? 'it'}`
}

/** Ends what a killed run has left; its processes notice by themselves, which is given some time. */
export async function endLeftovers(dataDir: string, say: (line: string) => void): Promise<void> {
  const left = Object.values(readRunning(dataDir)?.processes ?? {}).filter((process) => process !== null)
  if (!left.some(lives)) return
  say('The run before was killed; waiting for what it has left to end')
  if (await waitFor(() => !left.some(lives), { timeoutMs: endMs })) return
  for (const { pid } of left.filter(lives)) process.kill(-pid, 'SIGKILL')
  await waitFor(() => !left.some(lives), { timeoutMs: 5_000 })
}

/** The file whose existence keeps this process stopped. */
export const holdFile = (dataDir: string, name: string) => join(dataDir, 'stopped', name)

export const forgetHolds = (dataDir: string) => rm(join(dataDir, 'stopped'), { recursive: true, force: true })

/** Stops one process of the running stack until it is resumed, or lets it start again; returns what to tell. */
export async function hold(dataDir: string, name: string, on: boolean): Promise<string> {
  const running = readRunning(dataDir)
  if (!running || !lives(running))
    throw new Error(`Leadlight does not run with the data in ${dataDir}; npm start starts it`)
  const names = Object.keys(running.processes)
  if (!names.includes(name)) throw new Error(`There is no process "${name}"; there are ${names.join(', ')}`)
  const file = holdFile(dataDir, name)
  await mkdir(join(file, '..'), { recursive: true })
  if (on) await writeFile(file, '')
  else await rm(file, { force: true })
  const done = () => Boolean(readRunning(dataDir)?.processes[name]) !== on
  if (!(await waitFor(done, { timeoutMs: 30_000 })))
    throw new Error(`${name} did not ${on ? 'stop' : 'start'} within 30 s`)
  return on ? `${name} is stopped; npm start -- --resume ${name} starts it again` : `${name} is started again`
}
