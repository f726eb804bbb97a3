// Joins the events of many requests into one durable commit; whoever waits is answered after it, never before.
import { isDataError, isPartitionMissing } from './database.ts'
import type { StoredEvent } from './decode.ts'
import { Problem } from './problem.ts'

export type Row = StoredEvent

/** What a commit says of each row. */
export type Committed = 'accepted' | 'duplicate' | 'erased'

/** What became of each row, in the order given; `homeless` ones lack their day's partition, which is not their fault. */
export type Outcome = Committed | 'unstorable' | 'homeless'

/** Stores rows in one statement; what it says of each stands in the same order. */
export type Commit = (rows: Row[]) => Promise<Committed[]>

export type Writer = {
  /** Stores rows and answers after COMMIT. @throws Problem `overloaded` when too much waits, or the database's error. */
  store(rows: Row[]): Promise<Outcome[]>
  /** Waits until nothing is left. */
  drain(): Promise<void>
  readonly waitingRows: number
  readonly waitingBytes: number
}

type Waiting = {
  rows: Row[]
  bytes: number
  sinceMs: number
  done(outcomes: Outcome[]): void
  failed(error: unknown): void
}

/** Two statements in flight keep PostgreSQL busy while Node.js parses; a third adds nothing (measured). */
const writers = 2
/** A group of this size costs least per row; a larger one only makes requests wait (measured). */
const maxGroup = { rows: 600, bytes: 1_048_576 }
/** About 2 s of work at full speed; more would be answered too late to be of use. Large events reach the bytes first. */
const maxWaiting = { rows: 50_000, bytes: 67_108_864 }
/** Whoever waits longer has been told to come again: storing it now would only hold up the others. */
const maxWaitMs = 2_000
/** What a row takes beside its texts. */
const rowBytes = 256

/**
 * Group commit without a timer: a free connection takes all that waits, up to a group; what arrives meanwhile is the
 * next group. Rows and bytes of the queue are bounded.
 */
export function createWriter(commit: Commit, now: () => number = performance.now.bind(performance)): Writer {
  const queue: Waiting[] = []
  const waiting = { rows: 0, bytes: 0 }
  let busy = 0
  const idle: (() => void)[] = []

  function shift(): Waiting {
    const request = queue.shift()!
    waiting.rows -= request.rows.length
    waiting.bytes -= request.bytes
    return request
  }

  function takeGroup(): Waiting[] {
    const group: Waiting[] = []
    const size = { rows: 0, bytes: 0 }
    for (let next = queue[0]; next; next = queue[0]) {
      if (now() - next.sinceMs > maxWaitMs) {
        shift().failed(new Problem('overloaded', 'The database is too slow; try again'))
        continue
      }
      const fits = size.rows + next.rows.length <= maxGroup.rows && size.bytes + next.bytes <= maxGroup.bytes
      if (group.length > 0 && !fits) break
      group.push(shift())
      size.rows += next.rows.length
      size.bytes += next.bytes
    }
    return group
  }

  async function work(): Promise<void> {
    busy++
    while (queue.length > 0) {
      const group = takeGroup()
      if (group.length === 0) break
      try {
        const outcomes = await storeRows(
          group.length === 1 ? group[0]!.rows : group.flatMap(({ rows }) => rows),
          commit,
        )
        let start = 0
        for (const { rows, done } of group) {
          done(outcomes.slice(start, start + rows.length))
          start += rows.length
        }
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    busy--
    if (busy === 0) for (const resolve of idle.splice(0)) resolve()
  }

  return {
    store(rows) {
      if (rows.length === 0) return Promise.resolve([])
      const bytes = bytesOf(rows)
      if (waiting.rows + rows.length > maxWaiting.rows || waiting.bytes + bytes > maxWaiting.bytes) {
        return Promise.reject(new Problem('overloaded', 'Too many events wait to be stored; try again'))
      }
      return new Promise((done, failed) => {
        queue.push({ rows, bytes, sinceMs: now(), done, failed })
        waiting.rows += rows.length
        waiting.bytes += bytes
        if (busy < writers) void work()
      })
    },
    drain: () => (busy === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    get waitingRows() {
      return waiting.rows
    },
    get waitingBytes() {
      return waiting.bytes
    },
  }
}

function bytesOf(rows: Row[]): number {
  let bytes = rows.length * rowBytes
  for (const { properties, page } of rows) bytes += properties.length + (page?.length ?? 0)
  return bytes
}

/**
 * Stores rows; when one of them breaks the statement, halves until the culprit stands alone: it is found in as many
 * rounds as the group can be halved, and costs no neighbour, of its own request or another's.
 */
async function storeRows(rows: Row[], commit: Commit): Promise<Outcome[]> {
  try {
    return await commit(rows)
  } catch (error) {
    const isHomeless = isPartitionMissing(error)
    if (!isHomeless && !isDataError(error)) throw error
    if (rows.length === 1) return [isHomeless ? 'homeless' : 'unstorable']
    const half = rows.length >> 1
    return [...(await storeRows(rows.slice(0, half), commit)), ...(await storeRows(rows.slice(half), commit))]
  }
}
