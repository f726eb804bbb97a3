// From which origins a tenant's key is used, and from which it was refused: what the install check tells the contractor.
import type pg from 'pg'
import { createBucket } from './bucket.ts'

export type Sightings = {
  /** Events from there were stored. */
  accepted(tenantId: string, origin: string, widgetVersion: string | null): void
  /** A request from there was refused, since the origin is not registered. */
  refused(tenantId: string, origin: string): void
}

/** The same sighting is written at most this often by one process. */
const notedMs = 60_000
const maxNoted = 20_000
/** Anyone may make up origins and send them with a public key: so many new ones a second, and a few at once. */
const refusedPerSecond = 0.1
const refusedBurst = 20
/** Refused origins kept of each tenant, those seen last. */
const maxRefused = 20

/** Writes beside the request: a sighting that cannot be written is the next one's business. */
export function createSightings(pool: pg.Pool, now: () => number = Date.now): Sightings {
  const noted = new Map<string, number>()
  const unregistered = createBucket(refusedPerSecond, refusedBurst, now)

  function isNew(...parts: (string | null)[]): boolean {
    const key = parts.join(' ')
    const at = noted.get(key)
    if (at !== undefined && now() - at < notedMs) return false
    if (noted.size >= maxNoted) noted.clear()
    noted.set(key, now())
    return true
  }

  return {
    accepted(tenantId, origin, widgetVersion) {
      if (!isNew('accepted', tenantId, origin, widgetVersion)) return
      noteAccepted(pool, tenantId, origin, widgetVersion).catch(() => {})
    },
    refused(tenantId, origin) {
      if (!isOrigin(origin) || !isNew('refused', tenantId, origin)) return
      if (unregistered.take(tenantId, 1) > 0) return
      noteRefused(pool, tenantId, origin).catch(() => {})
    },
  }
}

/** As a browser writes it; whatever else a header may hold is shown to nobody. */
const isOrigin = (text: string): boolean => /^https?:\/\/[a-z0-9.-]{1,253}(?::\d{1,5})?$/.test(text)

async function noteAccepted(pool: pg.Pool, tenantId: string, origin: string, version: string | null): Promise<void> {
  await pool.query(
    `insert into leadlight.origin_sightings as sighting (tenant_id, origin, last_event_at, widget_version)
     values ($1, $2, now(), $3)
     on conflict (tenant_id, origin) do update set
       last_event_at = excluded.last_event_at,
       widget_version = coalesce(excluded.widget_version, sighting.widget_version)`,
    [tenantId, origin, version],
  )
}

async function noteRefused(pool: pg.Pool, tenantId: string, origin: string): Promise<void> {
  await pool.query(
    `with surplus as (
       delete from leadlight.origin_sightings
       where tenant_id = $1 and origin in (
         select origin from leadlight.origin_sightings
         where tenant_id = $1 and last_event_at is null and origin <> $2
         order by last_refused_at desc
         offset ${maxRefused - 1}
       )
     )
     insert into leadlight.origin_sightings (tenant_id, origin, last_refused_at) values ($1, $2, now())
     on conflict (tenant_id, origin) do update set last_refused_at = excluded.last_refused_at`,
    [tenantId, origin],
  )
}
