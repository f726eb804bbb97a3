// Whether PostgreSQL keeps what it has confirmed: without these settings "answered after COMMIT" would promise nothing.
import type pg from 'pg'

const settings = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

/** Settings that are off for this connection. */
export async function findUndurable(db: pg.Pool): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    "select name from pg_settings where name = any($1) and setting = 'off' order by name",
    [settings],
  )
  return rows.map((row) => row.name)
}

/**
 * Refuses to go on with a server that may forget. Full page writes may be off by `allowed` where the file system never
 * tears a page (copy-on-write).
 */
export async function requireDurability(db: pg.Pool, allowed: { fullPageWritesOff: boolean }): Promise<void> {
  const off = (await findUndurable(db)).filter((name) => name !== 'full_page_writes' || !allowed.fullPageWritesOff)
  if (off.length === 0) return
  const hint = off.includes('full_page_writes')
    ? ', or ALLOW_FULL_PAGE_WRITES_OFF=true where the file system is copy-on-write'
    : ''
  throw new Error(`PostgreSQL runs with ${off.join(', ')} off and could lose events it has confirmed. Set it on${hint}`)
}
