// What the operator does with tenants: one statement, one function.
import type pg from 'pg'
import { createReadToken, createSiteKey, hashToken } from '../tokens.ts'

export type TenantInput = {
  name: string
  timeZone: string
  origins: string[]
  /** Reserved for the canary: in nobody's numbers. */
  isCanary?: boolean
}
export type TenantRow = {
  tenant_id: string
  name: string
  time_zone: string
  created_at: string
  disabled_at: string | null
  is_canary: boolean
  origins: string[]
  /** Who gets the Monday mail. */
  mail: string[]
  site_keys: { site_key: string; expires_at: string | null }[]
}

/**
 * Adds a tenant with its first key and token; the token is not stored and cannot be shown again.
 * @throws when the database does not know the time zone, as every question for the tenant's numbers would
 */
export async function addTenant(
  db: pg.Pool,
  { name, timeZone, origins, isCanary = false }: TenantInput,
): Promise<{ tenant_id: string; site_key: string; read_token: string }> {
  const site_key = createSiteKey()
  const read_token = createReadToken()
  const { rows } = await db.query<{ tenant_id: string }>(
    `with tenant as (
       insert into leadlight.tenants (name, time_zone, is_canary)
       select $1, $2::text, $6::boolean where now() at time zone $2 is not null
       returning tenant_id
     ), origin as (
       insert into leadlight.origins (tenant_id, origin) select tenant_id, unnest($3::text[]) from tenant
     ), key as (
       insert into leadlight.site_keys (tenant_id, site_key) select tenant_id, $4 from tenant
     ), token as (
       insert into leadlight.read_tokens (tenant_id, token_sha256) select tenant_id, $5 from tenant
     )
     select tenant_id from tenant`,
    [name, timeZone, origins, site_key, hashToken(read_token), isCanary],
  )
  return { tenant_id: rows[0]!.tenant_id, site_key, read_token }
}

/** All tenants, or the one given. */
export async function listTenants(db: pg.Pool, tenantId?: string): Promise<TenantRow[]> {
  const { rows } = await db.query<TenantRow>(
    `select tenant_id, name, time_zone, created_at, disabled_at, is_canary,
       array(select origin from leadlight.origins o where o.tenant_id = t.tenant_id order by origin) as origins,
       array(select address from leadlight.mail_addresses m where m.tenant_id = t.tenant_id order by address) as mail,
       coalesce(
         (select jsonb_agg(jsonb_build_object('site_key', site_key, 'expires_at', expires_at) order by created_at)
          from leadlight.site_keys k
          where k.tenant_id = t.tenant_id and (k.expires_at is null or k.expires_at > now())),
         '[]'
       ) as site_keys
     from leadlight.tenants t
     where $1::uuid is null or tenant_id = $1
     order by created_at`,
    [tenantId ?? null],
  )
  return rows
}

/** Key and tokens of a disabled tenant are refused within 10 s. @returns false when there is no such tenant */
export async function setDisabled(db: pg.Pool, tenantId: string, disabled: boolean): Promise<boolean> {
  const { rowCount } = await db.query(
    'update leadlight.tenants set disabled_at = case when $2 then coalesce(disabled_at, now()) end where tenant_id = $1',
    [tenantId, disabled],
  )
  return rowCount === 1
}

export async function updateTenant(
  db: pg.Pool,
  tenantId: string,
  {
    name,
    timeZone,
    addOrigins,
    removeOrigins,
    mail,
  }: { name?: string; timeZone?: string; addOrigins: string[]; removeOrigins: string[]; mail?: string[] },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with added as (
       insert into leadlight.origins (tenant_id, origin)
       select tenant_id, unnest($4::text[]) from leadlight.tenants where tenant_id = $1
       on conflict do nothing
     ), removed as (
       delete from leadlight.origins where tenant_id = $1 and origin = any($5::text[])
     ), unmailed as (
       delete from leadlight.mail_addresses where tenant_id = $1 and address <> all($6::text[])
     ), mailed as (
       insert into leadlight.mail_addresses (tenant_id, address)
       select tenant_id, unnest($6::text[]) from leadlight.tenants where tenant_id = $1
       on conflict do nothing
     )
     update leadlight.tenants set name = coalesce($2, name), time_zone = coalesce($3, time_zone)
     where tenant_id = $1 and ($3::text is null or now() at time zone $3 is not null)`,
    [tenantId, name ?? null, timeZone ?? null, addOrigins, removeOrigins, mail ?? null],
  )
  return rowCount === 1
}

/** A new site key; the ones in use now end after the overlap, so that pages still in caches go on working. */
export async function rotateKey(db: pg.Pool, tenantId: string, overlapSeconds: number): Promise<string | null> {
  const site_key = createSiteKey()
  return (await replace(db, 'site_keys (tenant_id, site_key)', tenantId, site_key, overlapSeconds)) ? site_key : null
}

/** A new read token; the ones in use now end after the overlap, and so do share links, which whoever has the old one could have made. */
export async function rotateToken(db: pg.Pool, tenantId: string, overlapSeconds: number): Promise<string | null> {
  const read_token = createReadToken()
  const hash = hashToken(read_token)
  const replaced = await replace(db, 'read_tokens (tenant_id, token_sha256)', tenantId, hash, overlapSeconds)
  await db.query(
    `update leadlight.share_links set expires_at = least(expires_at, now() + make_interval(secs => $2))
     where tenant_id = $1`,
    [tenantId, overlapSeconds],
  )
  return replaced ? read_token : null
}

/** Lets what a tenant has in a table end after the overlap and adds the next; false when there is no such tenant. */
async function replace(
  db: pg.Pool,
  into: `${'site_keys' | 'read_tokens'} (tenant_id, ${string})`,
  tenantId: string,
  next: string | Buffer,
  overlapSeconds: number,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with ending as (
       update leadlight.${into.split(' ')[0]}
       set expires_at = least(coalesce(expires_at, 'infinity'), now() + make_interval(secs => $3))
       where tenant_id = $1
     )
     insert into leadlight.${into} select tenant_id, $2 from leadlight.tenants where tenant_id = $1`,
    [tenantId, next, overlapSeconds],
  )
  return rowCount === 1
}
