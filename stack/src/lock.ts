// A lock between processes that the kernel takes back when its holder dies, however it dies: SQLite's lock on a file.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'

const busy = 5
const retryMs = 300

/** Takes the lock of this file and returns what gives it back, or nothing when another process has it. */
export function tryLock(file: string): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  try {
    database.exec('begin exclusive')
    return () => database.close()
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === busy) return undefined
    throw error
  }
}

/** Runs the task while no other process runs one under the same file; `onWait` is told once when there is one. */
export async function withLock<T>(
  file: string,
  task: () => Promise<T>,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<T> {
  let unlock = tryLock(file)
  if (!unlock) onWait?.()
  while (!unlock) {
    await setTimeout(retryMs, undefined, { signal })
    unlock = tryLock(file)
  }
  try {
    return await task()
  } finally {
    unlock()
  }
}
