// One round of load in a process of its own, and what it cost the others.
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { LoadResult } from './job.ts'
import type { HttpJob } from './load.ts'
import { cpuMsOf } from './processor.ts'
import type { SqlJob } from './statements.ts'

export type Round = LoadResult & { eventsPerSecond: number; cpuUsPerEvent: number; foreignShare: number }
type Watched = { serverPid: number; servicePid?: number }

/** Runs a load in a process of its own and adds what it cost the others. */
export async function runJob(file: string, job: HttpJob | SqlJob, { serverPid, servicePid }: Watched): Promise<Round> {
  const cpuMs = () => cpuMsOf(serverPid) + (servicePid ? cpuMsOf(servicePid) : 0)
  const beforeMs = cpuMs()
  const program = fileURLToPath(new URL(file, import.meta.url))
  const { stdout } = await execa(process.execPath, [program, JSON.stringify(job)], {
    timeout: (job.seconds + 60) * 1_000,
  })
  const spentMs = cpuMs() - beforeMs
  const result = JSON.parse(stdout) as LoadResult
  const { events, seconds, ownCpuMs, machineCpuMs } = result
  return {
    ...result,
    eventsPerSecond: events / seconds,
    cpuUsPerEvent: (spentMs * 1_000) / events,
    foreignShare: Math.max(0, machineCpuMs - ownCpuMs - spentMs) / machineCpuMs,
  }
}
