// Whether a process id still means the process it meant: ids are given out again.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A mark that no later process of the same id has; nothing when there is no such process. */
export function startMark(pid: number): string | undefined {
  try {
    if (!existsSync('/proc/self/stat'))
      return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' })
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name in brackets may hold anything; state is the 1st field after it, the start time the 20th
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** A process, told from a later one of the same id. */
export type Identity = { pid: number; mark: string }

export const identify = (pid: number): Identity => ({ pid, mark: startMark(pid) ?? '' })
export const lives = ({ pid, mark }: Identity): boolean => startMark(pid) === mark

export function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline'))
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return execFileSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}
