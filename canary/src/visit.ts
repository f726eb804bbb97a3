// One synthetic visit: a lead and its span, made as a browser makes them.
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import type { WireEvent } from 'contract/envelope'
import { attributes, scopeName, serviceName, siteKeyHeader } from 'contract/spans'

export type Visit = { sessionId: string; eventId: string; traceId: string; spanId: string }

/** What sends a visit: where to, whose key, and how long the other side may take. */
export type Door = { url: string; siteKey: string; timeoutMs: number }

/** Registered for the reserved tenant alone, so that the check of origins is passed through as well. */
const canaryOrigin = 'https://canary.invalid'
/** Programs are refused as crawlers; this one is to be taken for a browser. */
const userAgent = 'Mozilla/5.0 (Leadlight canary)'

export const createVisit = (): Visit => ({
  sessionId: randomUUIDv7(),
  eventId: randomUUIDv7(),
  traceId: randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
})

/** A lead, because that is what must not be lost. Returns the server's time in milliseconds. @throws unless it was stored */
export async function sendEvent(door: Door, { sessionId, eventId, traceId, spanId }: Visit): Promise<number> {
  const event: WireEvent<'lead_captured'> = {
    id: eventId,
    type: 'lead_captured',
    session_id: sessionId,
    page: '/canary',
    trace_id: traceId,
    span_id: spanId,
    properties: { contact: 'other' },
  }
  const envelope = { site_key: door.siteKey, sent_at: new Date().toISOString(), events: [event] }
  const answer = (await post(door, '/api/v1/widget/events', 'text/plain', envelope)) as {
    accepted?: number
    server_time?: string
  }
  if (answer.accepted !== 1) throw new Error(`the event was not accepted: ${JSON.stringify(answer).slice(0, 300)}`)
  return Date.parse(answer.server_time ?? '')
}

/** @throws unless the gateway took it and the collector did not refuse */
export async function sendSpan(door: Door, { sessionId, traceId, spanId }: Visit): Promise<void> {
  const nowNs = `${Date.now()}000000`
  const span = {
    traceId,
    spanId,
    name: 'lead_captured',
    kind: 1,
    startTimeUnixNano: nowNs,
    endTimeUnixNano: nowNs,
    attributes: [text(attributes.sessionId, sessionId)],
  }
  const answer = (await post(door, '/v1/traces', 'application/json', {
    resourceSpans: [
      {
        resource: { attributes: [text(attributes.serviceName, serviceName)] },
        scopeSpans: [{ scope: { name: scopeName }, spans: [span] }],
      },
    ],
  })) as { partialSuccess?: { errorMessage?: string } }
  if (answer.partialSuccess?.errorMessage) throw new Error(answer.partialSuccess.errorMessage)
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

async function post({ url, siteKey, timeoutMs }: Door, path: string, type: string, body: unknown): Promise<unknown> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': type, origin: canaryOrigin, 'user-agent': userAgent, [siteKeyHeader]: siteKey },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const answer = await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${answer.slice(0, 300)}`)
  return JSON.parse(answer)
}
