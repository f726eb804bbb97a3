// One round of load: callers that each wait for their answer before they call again, for a bounded time and count.
import { setTimeout } from 'node:timers/promises'
import { cpuMsOfMachine } from './processor.ts'
import { percentile } from './statistics.ts'

export type Load = {
  connections: number
  eventsPerCall: number
  seconds: number
  maxCalls: number
  /** Of all connections together; as many as there are answers when not given. */
  callsPerSecond?: number
}

export type LoadResult = {
  events: number
  seconds: number
  p50Ms: number
  p99Ms: number
  /** Time the processors worked meanwhile: for this process, and for everyone. */
  ownCpuMs: number
  machineCpuMs: number
}

type Caller = {
  /** The next call, which gives the number of events acknowledged; none when all prepared ones are done. */
  next(): (() => Promise<number>) | undefined
  close(): unknown
}

/** Prepares one caller for each connection, lets them run and prints the result as a line of JSON. */
export async function runLoad(load: Load, prepare: (connection: number) => Promise<Caller>): Promise<void> {
  const callers: Caller[] = []
  for (let connection = 0; connection < load.connections; connection++) callers.push(await prepare(connection))
  const latenciesMs: number[] = []
  let events = 0
  const machineMs = cpuMsOfMachine()
  const own = process.cpuUsage()
  const startedMs = performance.now()
  const endMs = startedMs + load.seconds * 1_000
  await Promise.all(
    callers.map(async (caller, connection) => {
      for (let calls = 0, dueMs = startedMs; ; calls++) {
        // each connection has its turns; what comes late counts from when it was due, or a slow answer would hide others
        if (load.callsPerSecond) {
          dueMs = startedMs + ((calls * load.connections + connection) * 1_000) / load.callsPerSecond
          await setTimeout(Math.max(0, dueMs - performance.now()))
        }
        const call = dueMs < endMs && caller.next()
        if (!call) return
        const acknowledged = await call()
        events += acknowledged
        const doneMs = performance.now()
        latenciesMs.push(doneMs - dueMs)
        if (!load.callsPerSecond) dueMs = doneMs
      }
    }),
  )
  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(own)
  const result: LoadResult = {
    events,
    seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    ownCpuMs: (user + system) / 1_000,
    machineCpuMs: cpuMsOfMachine() - machineMs,
  }
  await Promise.all(callers.map((caller) => caller.close()))
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
