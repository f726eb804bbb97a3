// The corpus in the store: sent by the public door into every field of every event, and planted past it where the door refuses it.
import { type EventType, eventProperties, eventTypes } from 'contract/events'
import { maxBatchEvents } from 'contract/limits'
import type pg from 'pg'
import { payloads } from 'stack/payloads'
import { uuid7 } from 'stack/uuid7'

export type Tenant = { tenant_id: string; site_key: string; read_token: string }
export type Attempt = { field: string; payload: string; event: Record<string, unknown> }

export const traceOf = (): string => crypto.randomUUID().replaceAll('-', '')

/** What each type cannot be without. */
const needed: Partial<Record<EventType, object>> = {
  widget_loaded: { load_ms: 300 },
  message_sent: { position: 1 },
  estimate_generated: { duration_ms: 900 },
  lead_captured: { contact: 'phone' },
  widget_error: { error_type: 'TypeError' },
}

export const eventOf = (type: EventType, session_id: string, more: object = {}, properties: object = {}) => ({
  id: uuid7(Date.now()),
  type,
  session_id,
  page: '/',
  properties: { ...needed[type], ...properties },
  ...more,
})

/** Every payload in every field there is, and as the name of a field and of a type. */
export function attemptsOf(session_id: string): Attempt[] {
  return payloads.flatMap((payload) => {
    const attempt = (field: string, event: object): Attempt => ({ field, payload, event: event as Attempt['event'] })
    const fields = ['id', 'session_id', 'page', 'trace_id', 'span_id', 'type', 'properties']
    return [
      ...fields.map((field) => attempt(field, eventOf('widget_opened', session_id, { [field]: payload }))),
      attempt('name of a field', JSON.parse(`{${JSON.stringify(payload)}:1}`)),
      ...eventTypes.flatMap((type) => [
        ...Object.keys(eventProperties[type].properties).map((name) =>
          attempt(`${type} ${name}`, eventOf(type, session_id, {}, { [name]: payload })),
        ),
        attempt(`${type} name of a property`, {
          ...eventOf(type, session_id),
          properties: { ...needed[type], ...JSON.parse(`{${JSON.stringify(payload)}:1}`) },
        }),
      ]),
    ]
  })
}

/** Sends them as a browser does. @returns which were taken, in their order */
export async function send(url: string, { site_key }: Tenant, attempts: Attempt[], origin: string): Promise<boolean[]> {
  const taken: boolean[] = []
  for (let first = 0; first < attempts.length; first += maxBatchEvents) {
    const events = attempts.slice(first, first + maxBatchEvents).map(({ event }) => event)
    const { status, verdict } = await post(url, { site_key, events }, { origin })
    if (status !== 200) throw new Error(JSON.stringify(verdict))
    const refused = new Set((verdict.rejected as { index: number }[]).map(({ index }) => index))
    taken.push(...events.map((_, index) => !refused.has(index)))
  }
  return taken
}

export async function post(url: string, body: object, headers: Record<string, string>) {
  const response = await fetch(`${url}/api/v1/widget/events`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...headers },
    body: JSON.stringify({ sent_at: new Date().toISOString(), ...body }),
  })
  return { status: response.status, verdict: (await response.json()) as any }
}

/** Past everything that would refuse or clean it: a visit with a lead and an error for each, origins, and share links. */
export async function plant(db: pg.Pool, tenantId: string, some: string[]): Promise<void> {
  await db.query(
    'create temporary table planted as select text, uuidv7() as session_id from unnest($1::text[]) as text',
    [some],
  )
  await db.query(
    `with sessions as (
       insert into leadlight.sessions (tenant_id, session_id, loaded_at, opened_at, lead_at, error_at, device, source, page)
       select $1, session_id, now(), now(), now(), now(), text, text, text from planted
     ), events as (
       insert into leadlight.events (tenant_id, id, session_id, occurred_at, type, trace_id, page, widget_version, properties)
       select $1, uuidv7(), session_id, now(), type::leadlight.event_type, gen_random_uuid(), text, text,
         jsonb_build_object('load_ms', 1000, 'error_type', text, 'source', text, 'operation', text, 'message', text,
           'contact', text, 'service', text, 'currency', text)
       from planted, unnest(array['widget_loaded', 'widget_opened', 'lead_captured', 'quote_requested', 'widget_error']) as type
     ), origins as (
       insert into leadlight.origins (tenant_id, origin) select $1, text from planted
     ), sightings as (
       insert into leadlight.origin_sightings (tenant_id, origin, last_event_at, widget_version, last_refused_at)
       select $1, text, now(), text, null from planted
       union all select $1, 'refused ' || text, null, null, now() from planted
     ), shares as (
       insert into leadlight.share_links (tenant_id, token_sha256, label, expires_at)
       select $1, sha256(uuid_send(gen_random_uuid())), left(text, 100), now() + interval '7 days' from planted
     )
     insert into leadlight.touched_quarter_hours (tenant_ids, quarters)
     values (array[$1::uuid], array[leadlight.quarter_of(now())])`,
    [tenantId],
  )
  await db.query('drop table planted')
}
