import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { dose } from 'stack/dose'
import type { Cluster } from 'stack/postgres'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { startDatabase } from './database.ts'
import { openLedger, slowestMs } from './ledger.ts'
import { startService } from './service.ts'
import { mayMount, mountVolume } from './small-volume.ts'

const skip = !mayMount() && 'this user may not mount a small file system'
const rounds = dose({ short: 1, long: 5 })
const holdMs = dose({ short: 2_000, long: 30_000 })
const timeout = dose({ short: 300_000, long: 3_600_000 })
const recoveryMs = 10_000
const refusals = 50
const megabytes = 160
/** Small enough to leave room, so that it is the ballast that fills the volume. */
const settings = ['min_wal_size=32MB', 'max_wal_size=64MB']

/** Which parts of the database lie on the volume that becomes full. */
const cases: Record<string, ('base' | 'pg_wal')[]> = {
  'the volume of the tables is full': ['base'],
  'the volume of the write-ahead log is full': ['pg_wal'],
  'the only volume is full': ['base', 'pg_wal'],
}

const moveTo = (volume: string, parts: string[]) => (cluster: Cluster) => {
  for (const part of parts) {
    execFileSync('mv', [join(cluster.directory, part), volume])
    symlinkSync(join(volume, part), join(cluster.directory, part))
  }
}

for (const [name, parts] of Object.entries(cases))
  t.test(name, { timeout, skip }, async (t) => {
    const volume = mountVolume(t, megabytes)
    const database = await startDatabase(t, { settings, onPrepared: moveTo(volume.directory, parts) })
    const stop = new AbortController()
    const keeping = database.keep(stop.signal)
    const service = await startService(t, database.url)
    const ledger = openLedger(t, { urls: [service.url], siteKey: database.tenant.site_key, lanes: 16 })
    const refused = () => ledger.answers().filter(({ status }) => status === 503).length
    await ledger.goesOn()

    let recoveredMs = 0
    for (let round = 0; round < rounds; round++) {
      const before = refused()
      let fullSince = 0
      const isFullForLong = async () => {
        await volume.fill()
        if (parts.includes('pg_wal')) await useUpLog(database.superuserUrl)
        if (fullSince === 0 && refused() > before + refusals) fullSince = performance.now()
        return fullSince > 0 && performance.now() - fullSince > holdMs
      }
      if (!(await waitFor(isFullForLong, { timeoutMs: 60_000 + holdMs })))
        throw new Error('The volume does not fill up')
      const drainedAt = performance.now()
      volume.drain()
      await ledger.goesOn()
      recoveredMs = Math.max(recoveredMs, performance.now() - drainedAt)
    }
    stop.abort()
    await keeping
    const compared = await ledger.close(database.superuserUrl, database.tenant.tenant_id)
    t.comment(
      `${ledger.acknowledged()} events acknowledged, ${compared.missing} missing, ${compared.twice} stored twice; ${refused()} batches refused, slowest answer ${slowestMs(ledger.answers())} ms, works again after ${recoveredMs.toFixed(0)} ms`,
    )
    t.strictSame(compared, { missing: 0, twice: 0, uncounted: 0, overcounted: 0, senseless: [] })
    t.strictSame(
      [...new Set(ledger.answers().map(({ status }) => status))].sort(),
      [200, 503],
      '503 is the only refusal',
    )
    t.ok(recoveredMs < recoveryMs, `works again within ${recoveryMs / 1_000} s`)
  })

/** Writes until the segments that the log has in reserve are used up. */
async function useUpLog(superuserUrl: string): Promise<void> {
  const db = new pg.Client({ connectionString: superuserUrl })
  db.on('error', () => {})
  try {
    await db.connect()
    for (;;) await db.query("select pg_logical_emit_message(false, 'ballast', repeat('x', 1000000)), pg_switch_wal()")
  } catch {
    // full, or gone already
  } finally {
    await db.end().catch(() => {})
  }
}
