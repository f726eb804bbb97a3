// The hourly upkeep of the store: days ahead are made, old ones dropped, by one process at a time.
import type pg from 'pg'
import { ensurePartitions } from './partitions.ts'
import { dropOldDays } from './retention.ts'

/** The same number in every replica: one of them works at a time. */
const maintenanceLock = 7_231_002

/** Makes the days ahead and drops the old ones. @returns the partitions dropped, or null when another process is at it */
export const maintain = (owner: pg.Pool, now: Date): Promise<string[] | null> =>
  alone(owner, async (client) => {
    await ensurePartitions(client, now)
    return dropOldDays(client, now)
  })

/** Drops the old days only. @returns the partitions dropped, or null when another process is at it */
export const runRetention = (owner: pg.Pool, now: Date): Promise<string[] | null> =>
  alone(owner, (client) => dropOldDays(client, now))

async function alone<T>(owner: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T | null> {
  const client = await owner.connect()
  try {
    await client.query('set statement_timeout = 0')
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      maintenanceLock,
    ])
    return rows[0]!.locked ? await work(client) : null
  } finally {
    // the lock goes with the connection
    client.release(true)
  }
}
