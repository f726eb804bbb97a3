// Share links: whoever has one reads a tenant's numbers until it ends or is withdrawn. Only the token's hash is stored.
import { maxLiveShareLinks, type ShareLink } from 'contract/portal'
import type pg from 'pg'
import { Problem } from './problem.ts'
import { createShareToken, hashToken } from './tokens.ts'

type Row = { share_id: string; label: string; created_at: Date; expires_at: Date }
const columns = 'share_id, label, created_at, expires_at'
const linkOf = (row: Row): ShareLink => ({
  ...row,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
})

/**
 * Makes a link; its token is not stored and cannot be shown again.
 * @returns null when there is no such tenant
 * @throws Problem `too_many_share_links`
 */
export async function createShareLink(
  pool: pg.Pool,
  tenantId: string,
  { label, days }: { label: string; days: number },
): Promise<(ShareLink & { token: string }) | null> {
  const token = createShareToken()
  await pool.query('delete from leadlight.share_links where tenant_id = $1 and expires_at <= now()', [tenantId])
  if ((await listShareLinks(pool, tenantId)).length >= maxLiveShareLinks) {
    throw new Problem('too_many_share_links', `There are ${maxLiveShareLinks} share links already; withdraw one first`)
  }
  const { rows } = await pool.query<Row>(
    `insert into leadlight.share_links (tenant_id, token_sha256, label, expires_at)
     select tenant_id, $2, $3, now() + make_interval(days => $4) from leadlight.tenants where tenant_id = $1
     returning ${columns}`,
    [tenantId, hashToken(token), label, days],
  )
  return rows[0] ? { ...linkOf(rows[0]), token } : null
}

/** Those that still open the page, newest first. */
export async function listShareLinks(pool: pg.Pool, tenantId: string): Promise<ShareLink[]> {
  const { rows } = await pool.query<Row>(
    `select ${columns} from leadlight.share_links where tenant_id = $1 and expires_at > now() order by share_id desc`,
    [tenantId],
  )
  return rows.map(linkOf)
}

/** @returns false when the tenant has no such link (any more) */
export async function revokeShareLink(pool: pg.Pool, tenantId: string, shareId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'delete from leadlight.share_links where tenant_id = $1 and share_id = $2 and expires_at > now()',
    [tenantId, shareId],
  )
  return rowCount === 1
}
