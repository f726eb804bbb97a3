// Keeps what refused events looked like, beside the answer and as far as there is room: a flood of them fills no disk and holds up nobody.
import { createHash } from 'node:crypto'
import type { Rejection } from 'contract/refusals'
import type pg from 'pg'
import { excerptOf } from './excerpt.ts'
import { scrubMessage } from './scrub.ts'
import { isUuid7 } from './uuid7.ts'

export type Rejects = {
  /** Notes a refused event of the tenant; costs next to nothing once enough of this moment are noted. */
  note(tenantId: string, event: unknown, refused: { reason: Rejection; detail: string }): void
  /** Writes what is noted. Never throws: what cannot be written is given up. */
  flush(): Promise<void>
  close(): Promise<void>
}

export type RejectedEvent = {
  reason: Rejection
  detail: string
  times: number
  rejected_at: Date
  /** 64 hex digits, of the event as JSON. */
  sha256: string
  session_id: string | null
  excerpt: string
}

/** Days that rejected events are kept. */
export const keptRejectsDays = 7
/** Newest ones that are kept of each tenant, and of all together. */
export const maxRejects = { ofTenant: 500, inAll: 20_000 }

const flushMs = 2_000
/** Taken between two writes, of each tenant and in all: the rest is counted only, in the metrics. */
const maxNoted = { ofTenant: 20, inAll: 200 }

type Noted = Omit<RejectedEvent, 'times' | 'rejected_at' | 'sha256'> & { tenantId: string; sha256: Buffer }

/** Writes every two seconds, unless told otherwise, when there is something to write. */
export function createRejects(pool: pg.Pool, everyMs = flushMs): Rejects {
  let noted: Noted[] = []
  const counts = new Map<string, number>()

  async function writeNoted(): Promise<void> {
    if (noted.length === 0) return
    const batch = noted
    noted = []
    counts.clear()
    await keep(pool, batch).catch(() => {})
  }
  let writing = Promise.resolve()
  // one after the other: what an earlier one has taken is written, too, when the later one is done
  const flush = (): Promise<void> => {
    writing = writing.then(writeNoted)
    return writing
  }
  const timer = setInterval(flush, everyMs)
  timer.unref()

  return {
    note(tenantId, event, { reason, detail }) {
      const count = counts.get(tenantId) ?? 0
      if (count >= maxNoted.ofTenant || noted.length >= maxNoted.inAll) return
      counts.set(tenantId, count + 1)
      noted.push({ tenantId, ...describe(event), reason, detail: scrubMessage(detail) })
    },
    flush,
    close() {
      clearInterval(timer)
      return flush()
    },
  }
}

function describe(event: unknown): Pick<Noted, 'sha256' | 'session_id' | 'excerpt'> {
  return {
    sha256: createHash('sha256').update(write(event)).digest(),
    session_id: sessionOf(event),
    excerpt: excerptOf(event),
  }
}

/** Nesting too deep to be written has one hash. */
function write(event: unknown): string {
  try {
    return JSON.stringify(event) ?? ''
  } catch {
    return ''
  }
}

function sessionOf(event: unknown): string | null {
  const session = (event as { session_id?: unknown } | null)?.session_id
  return isUuid7(session) ? session : null
}

/** One statement to add, one to drop what is more than may be kept. */
async function keep(pool: pg.Pool, noted: Noted[]): Promise<void> {
  await pool.query(
    `insert into leadlight.rejected_events as kept (tenant_id, event_sha256, session_id, reason, detail, excerpt, times)
     select tenant_id, event_sha256, min(session_id::text)::uuid, min(reason), min(detail), min(excerpt), count(*)
     from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::text[], $5::text[], $6::text[])
       as input (tenant_id, event_sha256, session_id, reason, detail, excerpt)
     where exists (select from leadlight.tenants where tenants.tenant_id = input.tenant_id)
       and not exists (
         select from leadlight.erased_sessions as erased
         where erased.tenant_id = input.tenant_id and erased.session_id = input.session_id
       )
     group by tenant_id, event_sha256
     order by tenant_id, event_sha256
     on conflict (tenant_id, event_sha256) do update set times = kept.times + excluded.times, rejected_at = now()`,
    [
      noted.map((each) => each.tenantId),
      noted.map((each) => each.sha256),
      noted.map((each) => each.session_id),
      noted.map((each) => each.reason),
      noted.map((each) => each.detail),
      noted.map((each) => each.excerpt),
    ],
  )
  await pool.query(
    `delete from leadlight.rejected_events
     where (tenant_id, event_sha256) in (
       select tenant_id, event_sha256
       from (
         select tenant_id, event_sha256, row_number() over (partition by tenant_id order by rejected_at desc) as place
         from leadlight.rejected_events
         where tenant_id = any($1::uuid[])
       ) as of_tenant
       where place > ${maxRejects.ofTenant}
       union all
       (select tenant_id, event_sha256 from leadlight.rejected_events order by rejected_at desc offset ${maxRejects.inAll})
     )`,
    [[...new Set(noted.map((each) => each.tenantId))]],
  )
}

/** Rejected events of a tenant that are still kept, newest first. */
export async function listRejects(db: pg.Pool, tenantId: string): Promise<RejectedEvent[]> {
  const { rows } = await db.query<RejectedEvent>(
    `select reason, detail, times, rejected_at, encode(event_sha256, 'hex') as sha256, session_id, excerpt
     from leadlight.rejected_events
     where tenant_id = $1
     order by rejected_at desc, event_sha256`,
    [tenantId],
  )
  return rows
}
