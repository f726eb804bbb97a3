// Brings the database to the newest schema: numbered SQL files, each applied once, in order, in a transaction of its own.
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'
import { ensurePartitions } from './partitions.ts'

const directory = new URL('../migrations/', import.meta.url)
/** Any number, the same in every replica: only one of them migrates at a time. */
const migrationLock = 7_231_001

/** Applies what is missing and makes the partitions around today. @returns the names of the files applied. */
export async function migrate(owner: pg.Pool): Promise<string[]> {
  const files = await listFiles()
  const client = await owner.connect()
  try {
    await client.query('set statement_timeout = 0')
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(
      'create table if not exists public.leadlight_migrations (name text primary key, applied_at timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string }>('select name from public.leadlight_migrations')
    const applied = new Set(rows.map((row) => row.name))
    const unknown = [...applied].filter((name) => !files.includes(name))
    if (unknown.length > 0) {
      throw new Error(
        `The database is newer than this program: it has ${unknown.join(', ')}. Start the newer version instead`,
      )
    }
    const missing = files.filter((name) => !applied.has(name))
    for (const name of missing) {
      const sql = await readFile(new URL(name, directory), 'utf8')
      await client.query('begin')
      try {
        await client.query(sql)
        await client.query('insert into public.leadlight_migrations (name) values ($1)', [name])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`Migration ${name} failed and was undone: ${(error as Error).message}`, { cause: error })
      }
    }
    await ensurePartitions(client, new Date())
    return missing
  } finally {
    // the lock goes with the connection
    client.release(true)
  }
}

/** Names of the files this database still lacks. */
export async function pendingMigrations(owner: pg.Pool): Promise<string[]> {
  const files = await listFiles()
  const { rows } = await owner.query<{ known: boolean }>(
    "select to_regclass('public.leadlight_migrations') is not null as known",
  )
  if (!rows[0]!.known) return files
  const { rows: applied } = await owner.query<{ name: string }>('select name from public.leadlight_migrations')
  return files.filter((name) => !applied.some((row) => row.name === name))
}

const listFiles = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort()
