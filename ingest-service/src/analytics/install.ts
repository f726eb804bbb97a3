// Whether the widget is where it should be: the tenant's origins, when each last sent, and who else tried.
import type { Install } from 'contract/analytics'
import type pg from 'pg'
import { contentSecurityPolicyOf, snippetOf } from '../snippet.ts'

/** A refusal older than this is no news, in days. */
const refusedDays = 7

/** `pool` has taken a role that sees every tenant's settings; what is asked is bound to this one. */
export async function checkInstall(pool: pg.Pool, tenantId: string, publicUrl: string): Promise<Install> {
  const [origins, refused, key] = await Promise.all([
    pool.query<{ origin: string; last_event_at: Date | null; widget_version: string | null }>(
      `select origin, last_event_at, widget_version
       from leadlight.origins left join leadlight.origin_sightings using (tenant_id, origin)
       where tenant_id = $1
       order by last_event_at desc nulls last, origin`,
      [tenantId],
    ),
    pool.query<{ origin: string; last_refused_at: Date }>(
      `select origin, last_refused_at from leadlight.origin_sightings
       where tenant_id = $1 and last_refused_at > now() - make_interval(days => ${refusedDays})
         and origin not in (select origin from leadlight.origins where tenant_id = $1)
       order by last_refused_at desc`,
      [tenantId],
    ),
    pool.query<{ site_key: string }>(
      `select site_key from leadlight.site_keys
       where tenant_id = $1 and (expires_at is null or expires_at > now())
       order by created_at desc
       limit 1`,
      [tenantId],
    ),
  ])
  return {
    origins: origins.rows.map((row) => ({ ...row, last_event_at: row.last_event_at?.toISOString() ?? null })),
    refused: refused.rows.map((row) => ({ ...row, last_refused_at: row.last_refused_at.toISOString() })),
    snippet: key.rows[0] ? snippetOf(publicUrl, key.rows[0].site_key) : null,
    content_security_policy: contentSecurityPolicyOf(publicUrl),
  }
}
