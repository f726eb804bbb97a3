// A second copy of the urgent events, in IndexedDB: a browser that is killed keeps what was committed there, unlike localStorage.
import { clock } from './clock.ts'
import type { Core } from './core.ts'
import { graceMs, isImmediate, keyPrefix, type Stored } from './queue.ts'

/** The urgent part of a queue, under the queue's key. */
export type Mirrored = Stored & { key: string }

export type Mirror = ReturnType<typeof mirrorQueue>

/** One page at a time, where there are locks: pages without https have none. */
export const exclusively = (run: () => unknown): Promise<unknown> =>
  navigator.locks ? navigator.locks.request(keyPrefix, run) : Promise.resolve().then(run)

/** From the moment it is called, for as long as the page lives. */
export function mirrorQueue({ queue, options, log }: Core, mayStore: () => boolean) {
  let isAsked = false
  let isHeld = false
  const settled: string[] = []

  const urgent = () => queue.queued().flatMap(({ event }) => (isImmediate(event) ? event : []))
  const isDue = () => mayStore() && (isHeld || settled[0] || urgent()[0])

  function write() {
    isAsked = false
    if (!isDue()) return
    return transact<unknown>((queues) => {
      const events = urgent()
      isHeld = events.length > 0
      for (const key of settled.splice(0)) queues.delete(key)
      if (!isHeld) return queues.delete(queue.key)
      const aliveUntilMs = Date.now() + graceMs
      return queues.put({
        key: queue.key,
        site: options.siteKey,
        aliveUntilMs,
        offsetMs: clock.correctionMs,
        reports: [],
        events,
      } satisfies Mirrored)
    })
  }

  function update() {
    if (isAsked || !isDue()) return
    isAsked = true
    exclusively(write).catch(log)
  }

  const updating =
    <Args extends unknown[]>(run: (...args: Args) => void) =>
    (...args: Args) => {
      run(...args)
      update()
    }
  queue.add = updating(queue.add)
  queue.remove = updating(queue.remove)
  update()

  return {
    /** What other pages left, and this one's own; without making a database by looking for it. */
    async read(): Promise<Mirrored[]> {
      try {
        const databases = await indexedDB.databases?.()
        if (databases?.every(({ name }) => name !== keyPrefix)) return []
        return await transact<Mirrored[]>((queues) => queues.getAll())
      } catch {
        return []
      }
    },
    /** These are this page's from now on: they go with the write by which it holds their events itself. */
    settle(keys: string[]) {
      settled.push(...keys)
      update()
    },
  }
}

/** In a connection of its own: one that stays would hold up whoever removes the database. */
async function transact<T>(run: (queues: IDBObjectStore) => IDBRequest): Promise<T> {
  const opening = indexedDB.open(keyPrefix)
  opening.onupgradeneeded = () => opening.result.createObjectStore(keyPrefix, { keyPath: 'key' })
  const database = await done(opening)
  try {
    const queues = database.transaction(keyPrefix, 'readwrite').objectStore(keyPrefix)
    const result = await done(run(queues))
    // under the lock no other page has written since
    if (navigator.locks && !(await done(queues.count()))) done(indexedDB.deleteDatabase(keyPrefix)).catch(() => {})
    return result
  } finally {
    database.close()
  }
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = (event) => {
      // else Firefox tells the page's own error handlers. https://bugzilla.mozilla.org/show_bug.cgi?id=1555491
      event.preventDefault()
      reject(request.error)
    }
  })
