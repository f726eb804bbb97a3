// Whether the service can do its work now: the database answers, the schema is there, nobody asked it to stop.
import type pg from 'pg'
import type { Metrics } from './metrics.ts'

export type Health = {
  /** Null when ready, otherwise what is missing. */
  problem(): string | null
  /** The schema is up to date. */
  migrated(): void
  /** From now on not ready: whoever balances load should look elsewhere. */
  stopping(): void
  close(): void
}

const probeMs = 2_000

/** Asks the database every two seconds. */
export function watchHealth(pool: pg.Pool, metrics: Metrics): Health {
  let databaseUp = false
  let isMigrated = false
  let isStopping = false

  async function probe(): Promise<void> {
    databaseUp = await pool.query('select 1').then(
      () => true,
      () => false,
    )
    metrics.databaseUp.set(databaseUp ? 1 : 0)
  }
  let probing = probe()
  const timer = setInterval(() => {
    probing = probing.then(probe)
  }, probeMs)

  return {
    problem() {
      if (isStopping) return 'stopping'
      if (!isMigrated) return 'the database is not reached or not migrated yet'
      return databaseUp ? null : 'the database does not answer'
    },
    migrated() {
      isMigrated = true
      databaseUp = true
    },
    stopping() {
      isStopping = true
    },
    close: () => clearInterval(timer),
  }
}
