// Takes a visitor's session, or a whole tenant, out of the store. The pool must have taken the role `leadlight_eraser`.
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { inTransaction } from './database.ts'
import type { Erasure } from './erasure-log.ts'

/**
 * Deletes a session's rows and leaves a tombstone that keeps late copies out. Inserts wait for the moment this takes:
 * a batch in flight would otherwise bring rows back after the deletion had looked.
 * @returns the number of events deleted
 */
export async function eraseSession(db: pg.Pool, tenantId: string, sessionId: string): Promise<number> {
  return inTransaction(db, 'read write', async (client) => {
    await client.query("set local lock_timeout = '10s'")
    await client.query('lock table leadlight.events in share row exclusive mode')
    await client.query(
      'insert into leadlight.erased_sessions (tenant_id, session_id) values ($1, $2) on conflict do nothing',
      [tenantId, sessionId],
    )
    return deleteSession(client, tenantId, sessionId)
  })
}

/** An event is at most a day later than its session's id, so a range of the key holds them all. */
async function deleteSession(client: pg.ClientBase, tenantId: string, sessionId: string): Promise<number> {
  const { rows } = await client.query<{ events: number }>(
    `with erased as (
       delete from leadlight.events
       where tenant_id = $1 and session_id = $2
         and id >= leadlight.uuid_floor(uuid_extract_timestamp($2::uuid))
         and id < leadlight.uuid_floor(uuid_extract_timestamp($2::uuid) + interval '25 hours')
       returning tenant_id, occurred_at
     ), session as (
       delete from leadlight.sessions where tenant_id = $1 and session_id = $2
       returning tenant_id, uuid_extract_timestamp(session_id) as started_at
     ), rejected as (
       delete from leadlight.rejected_events where tenant_id = $1 and session_id = $2
     ), marked as (
       -- the roll-up counts these again, without what is gone
       insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
       select array_agg(tenant_id), array_agg(quarter)
       from (
         select tenant_id, leadlight.quarter_of(occurred_at) as quarter from erased
         union
         select tenant_id, leadlight.quarter_of(started_at) from session
       ) as pair
       having count(*) > 0
     )
     select count(*)::int as events from erased`,
    [tenantId, sessionId],
  )
  return rows[0]!.events
}

/** Running services have forgotten a key by then (see `sites.ts`). */
const forgottenMs = 10_000

/**
 * Deletes a tenant with its keys, events, rejected ones, sessions, counts and tombstones. Takes some seconds: what a service
 * still stores with a key it remembers must be deleted too.
 * @returns false when there is no such tenant
 */
export async function deleteTenant(db: pg.Pool, tenantId: string, waitMs = forgottenMs): Promise<boolean> {
  const { rowCount } = await db.query('delete from leadlight.tenants where tenant_id = $1', [tenantId])
  if (rowCount !== 1) return false
  await setTimeout(waitMs)
  for (const table of ['events', 'sessions', 'quarter_hours', 'drop_reports', 'erased_sessions']) {
    await db.query(`delete from leadlight.${table} where tenant_id = $1`, [tenantId])
  }
  return true
}

/** Erases again what a restored backup brought back. @returns how much there was to do */
export async function reapplyErasures(
  db: pg.Pool,
  erasures: Erasure[],
): Promise<{ sessions: number; events: number; tenants: number }> {
  const done = { sessions: 0, events: 0, tenants: 0 }
  for (const { tenant_id, session_id } of erasures) {
    if (session_id === null) {
      if (await deleteTenant(db, tenant_id)) done.tenants++
    } else {
      done.events += await eraseSession(db, tenant_id, session_id)
      done.sessions++
    }
  }
  return done
}
