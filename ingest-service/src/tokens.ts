// Site keys and read tokens: how they are made, and who shows which. Of a token only the hash is stored.
import { createHash, randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type pg from 'pg'
import { Problem } from './problem.ts'

export type Tenant = { tenantId: string; name: string; timeZone: string }

/** The portal keeps the token here, out of reach of scripts. */
export const tokenCookie = 'leadlight_token'

export const createReadToken = (): string => `rt_${randomBytes(24).toString('base64url')}`
export const createSiteKey = (): string => `pk_${randomBytes(18).toString('base64url')}`
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** The tenant whose token the request carries, as bearer or in the portal's cookie. @throws Problem `invalid_token` */
export async function authenticate(pool: pg.Pool, request: FastifyRequest): Promise<Tenant> {
  const bearer = /^Bearer ([\w-]{1,128})$/.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? request.cookies[tokenCookie]
  const tenant = token ? await findTenant(pool, token) : null
  if (!tenant)
    throw new Problem('invalid_token', 'Send a read token of a tenant that is enabled: Authorization: Bearer …')
  return tenant
}

/** Null for a token that is unknown, expired, or of a disabled tenant. */
export async function findTenant(pool: pg.Pool, token: string): Promise<Tenant | null> {
  const { rows } = await pool.query<Tenant>(
    `select t.tenant_id as "tenantId", t.name, t.time_zone as "timeZone"
     from leadlight.read_tokens r
     join leadlight.tenants t using (tenant_id)
     where r.token_sha256 = $1 and (r.expires_at is null or r.expires_at > now()) and t.disabled_at is null`,
    [hashToken(token)],
  )
  return rows[0] ?? null
}
