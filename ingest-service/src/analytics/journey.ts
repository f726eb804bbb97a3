// One visit, event by event.
import type { JourneyEvent } from 'contract/analytics'
import type pg from 'pg'

/** A visitor may have sent any number of events: a visit is shown up to this many. */
export const maxJourneyEvents = 500

/**
 * The session's events in order, for the session that the given event belongs to: one more than are shown, where there
 * are more. Null when the tenant has no such event.
 */
export async function listJourney(client: pg.ClientBase, eventId: string): Promise<JourneyEvent[] | null> {
  const { rows: found } = await client.query<{ session_id: string }>(
    'select session_id from leadlight.events where id = $1',
    [eventId],
  )
  if (!found[0]) return null
  // an event is at most a day later than its session's id, so a range of the key holds them all
  const { rows } = await client.query<Omit<JourneyEvent, 'occurred_at'> & { occurred_at: Date }>(
    `select id, type, occurred_at, page, replace(trace_id::text, '-', '') as trace_id, encode(span_id, 'hex') as span_id, properties
     from leadlight.events
     where session_id = $1
       and id >= leadlight.uuid_floor(uuid_extract_timestamp($1::uuid))
       and id < leadlight.uuid_floor(uuid_extract_timestamp($1::uuid) + interval '25 hours')
     order by occurred_at, id
     limit ${maxJourneyEvents + 1}`,
    [found[0].session_id],
  )
  return rows.map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }))
}
