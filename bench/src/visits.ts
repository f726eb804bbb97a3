// Visitors as the benches make them: the same twenty events each, with ids of their own.
import { randomBytes, randomUUID } from 'node:crypto'
import type { WireEvent } from 'contract/envelope'
import type { EventProperties, EventType } from 'contract/events'
import { batchMs } from 'contract/limits'
import type { Row } from 'ingest-service/writer'

export const visitEvents = 20
export const widgetVersion = '1.4.2'
/** Where all visitors are. */
export const origin = 'https://www.acme.example'

/** A visit's events as they travel, made in the last 30 s: that is how long a page gathers a batch. */
export function makeVisit(nowMs: number): WireEvent[] {
  const sessionId = uuid7(nowMs - batchMs - 1)
  const traceId = randomBytes(16).toString('hex')
  const times = Array.from({ length: visitEvents }, () => nowMs - Math.random() * batchMs).sort((a, b) => a - b)
  return steps.map(
    ([type, properties], i) =>
      ({
        id: uuid7(times[i]!),
        type,
        session_id: sessionId,
        page: '/services/roofing/free-estimate',
        trace_id: traceId,
        span_id: randomBytes(8).toString('hex'),
        properties,
      }) as WireEvent,
  )
}

/** The same event as the service hands it to its writer. */
export function rowOf(event: WireEvent, tenantId: string, nowMs: number): Row {
  return {
    tenantId,
    id: event.id,
    type: event.type,
    sessionId: event.session_id,
    occurredAt: new Date(nowMs),
    page: event.page ?? null,
    traceId: event.trace_id ?? null,
    spanId: event.span_id ?? null,
    widgetVersion,
    properties: JSON.stringify(event.properties),
  }
}

type StepOf<T extends EventType = EventType> = { [K in T]: [K, EventProperties[K]] }[T]

const messages = Array.from(
  { length: 12 },
  (_, i): StepOf => ['message_sent', { position: i + 1, response_ms: 812.4 + i }],
)

const steps: StepOf[] = [
  ['widget_loaded', { load_ms: 184.3, device: 'phone', referrer_host: 'www.google.com', utm_source: 'newsletter' }],
  ['widget_opened', { trigger: 'click', after_ms: 5210.7 }],
  ...messages,
  ['widget_error', { error_type: 'TypeError', message: 'Failed to fetch', source: 'api', operation: 'send_message' }],
  ['estimate_generated', { duration_ms: 1430.2, amount: 12_400, currency: 'EUR' }],
  ['estimate_generated', { duration_ms: 1388.9, amount: 11_900, currency: 'EUR' }],
  ['lead_captured', { contact: 'phone' }],
  ['quote_requested', { service: 'roof_repair', amount: 11_900, currency: 'EUR' }],
  ['widget_error', { error_type: 'AbortError', source: 'api', operation: 'create_estimate', fatal: false }],
]

/** A UUIDv7 of a moment (RFC 9562 §5.7). */
function uuid7(ms: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
