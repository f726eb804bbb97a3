// Which tenant a site key stands for, and from which origins it may be used.
import type { TenantClass } from 'contract/metrics'
import type pg from 'pg'
import { Problem } from './problem.ts'

export type Site = { tenantId: string; origins: ReadonlySet<string>; tenantClass: TenantClass }

export type Sites = {
  /** The site of a key for a request from `origin`. @throws Problem `unknown_site_key` or `origin_not_registered` */
  admit(siteKey: string, origin: string | undefined): Promise<Site>
}

/** A disabled tenant or key is refused within 10 s; half of that leaves room for a slow look-up. */
const cachedMs = 5_000
/** Made-up keys must not fill the memory. */
const maxCached = 20_000

/** Looks sites up in the database and remembers the answer, unknown keys included, for a few seconds. */
export function createSites(
  pool: pg.Pool,
  now: () => number = Date.now,
  onRefused: (tenantId: string, origin: string) => void = () => {},
): Sites {
  const cache = new Map<string, { at: number; site: Promise<Site | null> }>()

  function find(siteKey: string): Promise<Site | null> {
    const cached = cache.get(siteKey)
    if (cached && now() - cached.at < cachedMs) return cached.site
    const site = findSite(pool, siteKey)
    if (cache.size >= maxCached) cache.clear()
    cache.set(siteKey, { at: now(), site })
    // a failed look-up is no answer: the next request asks again
    site.catch(() => cache.delete(siteKey))
    return site
  }

  return {
    async admit(siteKey, origin) {
      // what no key looks like is not looked up: some of it the database could not even be asked
      const site = isSiteKey(siteKey) ? await find(siteKey) : null
      if (!site) throw new Problem('unknown_site_key', 'This site key is unknown, revoked or disabled')
      // programs send no Origin; `null` (sandboxed frames, files) is nobody's
      if (origin !== undefined && !site.origins.has(origin)) {
        onRefused(site.tenantId, origin)
        throw new Problem('origin_not_registered', 'This site key may not be used from this origin; register it first')
      }
      return site
    },
  }
}

const isSiteKey = (text: string): boolean => /^[\w-]{1,64}$/.test(text)

async function findSite(pool: pg.Pool, siteKey: string): Promise<Site | null> {
  const { rows } = await pool.query<{ tenant_id: string; is_canary: boolean; origins: string[] }>(
    `select k.tenant_id, t.is_canary, array(select origin from leadlight.origins o where o.tenant_id = k.tenant_id) as origins
     from leadlight.site_keys k
     join leadlight.tenants t using (tenant_id)
     where k.site_key = $1 and (k.expires_at is null or k.expires_at > now()) and t.disabled_at is null`,
    [siteKey],
  )
  if (!rows[0]) return null
  const { tenant_id, is_canary, origins } = rows[0]
  return { tenantId: tenant_id, tenantClass: is_canary ? 'canary' : 'ordinary', origins: new Set(origins) }
}
