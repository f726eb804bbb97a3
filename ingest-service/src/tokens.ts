// Site keys, read tokens and share tokens: how they are made, and who shows which. Of a token only the hash is stored.
import { createHash, randomBytes } from 'node:crypto'
import { shareTokenPrefix } from 'contract/portal'
import type { FastifyRequest } from 'fastify'
import type pg from 'pg'
import { Problem } from './problem.ts'

export type Tenant = { tenantId: string; name: string; timeZone: string }

/** Who reads a tenant's numbers: the tenant itself, or until a moment whoever was given a share link. */
export type Reader = Tenant & { sharedUntil: Date | null }

/** The portal keeps the token here, out of reach of scripts. */
export const tokenCookie = 'leadlight_token'

export const createReadToken = (): string => `rt_${randomBytes(24).toString('base64url')}`
export const createShareToken = (): string => `${shareTokenPrefix}${randomBytes(24).toString('base64url')}`
export const createSiteKey = (): string => `pk_${randomBytes(18).toString('base64url')}`
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Opens the portal; the token stands behind the #, which browsers send to nobody. */
export const portalUrlOf = (publicUrl: string, token: string): string => `${publicUrl}/portal/#token=${token}`

/** The reader whose token the request carries, as bearer or in the portal's cookie. @throws Problem `invalid_token` */
export async function authenticate(pool: pg.Pool, request: FastifyRequest): Promise<Reader> {
  const bearer = /^Bearer ([\w-]{1,128})$/.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? request.cookies[tokenCookie]
  const reader = token ? await findReader(pool, token) : null
  if (!reader)
    throw new Problem('invalid_token', 'Send a read token of a tenant that is enabled: Authorization: Bearer …')
  return reader
}

/** The same where a share link is not enough. @throws Problem `invalid_token` or `not_shared` */
export async function authenticateOwner(pool: pg.Pool, request: FastifyRequest): Promise<Tenant> {
  const reader = await authenticate(pool, request)
  if (reader.sharedUntil)
    throw new Problem('not_shared', 'A share link shows numbers; this is for the contractor alone')
  return reader
}

/** Null for a token that is unknown, expired, or of a disabled tenant. */
export async function findReader(pool: pg.Pool, token: string): Promise<Reader | null> {
  const { rows } = await pool.query<Reader>(
    `with given as (
       select tenant_id, null::timestamptz as shared_until from leadlight.read_tokens
       where token_sha256 = $1 and (expires_at is null or expires_at > now())
       union all
       select tenant_id, expires_at from leadlight.share_links where token_sha256 = $1 and expires_at > now()
     )
     select t.tenant_id as "tenantId", t.name, t.time_zone as "timeZone", shared_until as "sharedUntil"
     from given join leadlight.tenants t using (tenant_id)
     where t.disabled_at is null`,
    [hashToken(token)],
  )
  return rows[0] ?? null
}
