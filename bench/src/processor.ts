// Processor time, read from Linux's accounts in /proc.
import { readdirSync, readFileSync } from 'node:fs'

/** Length of one tick of /proc, in milliseconds; the same on every Linux that Node.js runs on. */
const tickMs = 10

/** Time a process and its children, past ones included, have worked. */
export function cpuMsOf(pid: number): number {
  const children = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => readStat(entry))
    .filter((stat) => stat?.parent === pid)
  return [readStat(`${pid}`), ...children].reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), 0)
}

/** Time all processors have worked, for whomever. */
export function cpuMsOfMachine(): number {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + interrupts + softInterrupts) * tickMs
}

function readStat(pid: string): { parent: number; cpuMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name in brackets may hold anything; state is the 1st field after it, the times start at the 12th
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const cpuMs = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs
    return { parent: Number(fields[1]), cpuMs }
  } catch {
    // it ended while we looked
    return undefined
  }
}
