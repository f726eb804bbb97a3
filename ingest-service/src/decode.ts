// From the bytes of a request to events that can be stored, each judged by itself so that a bad one costs no neighbour.
import { Ajv, type ValidateFunction } from 'ajv'
import { fastFormats } from 'ajv-formats/dist/formats.js'
import { type Envelope, envelopeSchema } from 'contract/envelope'
import { type EventType, eventProperties, eventTypes } from 'contract/events'
import { maxBatchEvents, maxErrorTypeLength, maxEventBytes, sessionEventsMaxMs } from 'contract/limits'
import type { Rejection } from 'contract/refusals'
import { isStorableTime, occurredAtMs } from './clock.ts'
import { Problem } from './problem.ts'
import { scrubMessage, scrubPage } from './scrub.ts'
import { isUuid7, uuid7Ms } from './uuid7.ts'

/** An event as the writer stores it. */
export type StoredEvent = {
  tenantId: string
  widgetVersion: string | null
  id: string
  type: EventType
  sessionId: string
  occurredAt: Date
  page: string | null
  /** 32 hex digits. */
  traceId: string | null
  /** 16 hex digits. */
  spanId: string | null
  /** JSON text, already serialised. */
  properties: string
}

export type Refused = { id: string | null; reason: Rejection; detail: string }
export type Decoded = { ok: true; event: StoredEvent } | ({ ok: false } & Refused)

// values are stored as they came or refused: no coercion, no defaults, nothing removed
const ajv = new Ajv({ allowUnionTypes: true, coerceTypes: false, useDefaults: false, removeAdditional: false })
ajv.addFormat('date-time', fastFormats['date-time'])
const checkEnvelope: ValidateFunction<Envelope> = ajv.compile<Envelope>(envelopeSchema)
const checkProperties = Object.fromEntries(
  eventTypes.map((type) => [type, ajv.compile(eventProperties[type])]),
) as unknown as Record<EventType, ValidateFunction>

// a byte order mark is skipped, bytes that are no UTF-8 are an error
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** What all events of a batch have in common. */
export type Received = {
  tenantId: string
  widgetVersion: string | null
  sentAtMs: number
  /** By the server's clock. */
  nowMs: number
  /** The body has `\u` in it: without, no event can hold a NUL or half a surrogate pair. */
  hasEscapes: boolean
}

/** Reads the envelope. @throws Problem `invalid_json`, `invalid_envelope` (400) or `too_large` (413) */
export function decodeEnvelope(body: Buffer): Envelope {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(body))
  } catch {
    throw new Problem('invalid_json', 'The body is not JSON in UTF-8')
  }
  if (isObject(value) && Array.isArray(value.events) && value.events.length > maxBatchEvents) {
    throw new Problem('too_large', `A batch has at most ${maxBatchEvents} events`)
  }
  if (!checkEnvelope(value)) throw new Problem('invalid_envelope', describe('the batch', checkEnvelope))
  const claimed = tenantField(value)
  if (claimed)
    throw new Problem('invalid_envelope', `"${claimed}" is not taken: the tenant comes from the site key alone`)
  if (Number.isNaN(Date.parse(value.sent_at))) throw new Problem('invalid_envelope', 'sent_at is no time')
  return value
}

/** Judges one event of a batch. Never throws. */
export function decodeEvent(value: unknown, received: Received): Decoded {
  const { tenantId, widgetVersion, sentAtMs, nowMs, hasEscapes } = received
  const id = isObject(value) && isUuid7(value.id) ? value.id : null
  const refuse = (reason: Rejection, detail: string): Decoded => ({ ok: false, id, reason, detail })

  // most events are plainly small and clean; the others are written out and looked at
  if (hasEscapes || !isPlainlySmall(value)) {
    const text = serialise(value)
    if (text === null || Buffer.byteLength(text) > maxEventBytes) {
      return refuse('too_large', `An event is at most ${maxEventBytes} bytes as JSON`)
    }
    if (unstorable.test(text)) return refuse('unstorable_text', 'Text has a NUL or half a surrogate pair')
  }
  if (!isObject(value)) return refuse('invalid_event', 'An event is a JSON object')
  const claimed = tenantField(value)
  if (claimed) return refuse('invalid_event', `"${claimed}" is not taken: the tenant comes from the site key alone`)
  if (!isAbsentOr(value.page, (page) => typeof page === 'string'))
    return refuse('invalid_event', 'page must be a string')
  if (!isAbsentOr(value.trace_id, isTraceId)) {
    return refuse('invalid_event', 'trace_id must be 32 lower-case hex digits, not all zero')
  }
  if (!isAbsentOr(value.span_id, isSpanId)) {
    return refuse('invalid_event', 'span_id must be 16 lower-case hex digits, not all zero')
  }
  if (!isEventType(value.type)) return refuse('unknown_type', `type must be one of ${eventTypes.join(', ')}`)
  if (id === null) return refuse('invalid_id', 'id must be a UUIDv7 in lower case')
  const idMs = uuid7Ms(id)
  if (!isStorableTime(idMs, nowMs)) {
    return refuse('id_time_out_of_range', "The id's time is older than 7 days or more than 1 day ahead of server_time")
  }
  const sessionMs = readSession(value.session_id)
  if (sessionMs === null) return refuse('invalid_session', 'session_id must be a UUIDv7 in lower case')
  const ageMs = idMs - sessionMs
  if (ageMs < 0 || ageMs > sessionEventsMaxMs) {
    return refuse('invalid_session', "The event must be 0 to 24 hours later than its session's id")
  }
  // a missing object is an empty one: only types with required properties refuse it
  const properties = value.properties === undefined ? {} : value.properties
  const check = checkProperties[value.type]
  if (!check(properties)) return refuse('invalid_properties', describe('properties', check))
  return {
    ok: true,
    event: {
      tenantId,
      widgetVersion,
      id,
      type: value.type,
      sessionId: value.session_id as string,
      occurredAt: new Date(occurredAtMs(idMs, sentAtMs, nowMs)),
      page: typeof value.page === 'string' ? readPage(value.page) : null,
      traceId: typeof value.trace_id === 'string' ? value.trace_id : null,
      spanId: typeof value.span_id === 'string' ? value.span_id : null,
      properties: JSON.stringify(withScrubbedTexts(properties as Record<string, unknown>)),
    },
  }
}

/** JSON.stringify escapes exactly what PostgreSQL cannot store: NUL and lone surrogates. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/

/** Without an escape no character takes more than three bytes as JSON. */
const plainlySmallLength = Math.floor(maxEventBytes / 3)
/** The longest number or word, with its name's quotes and the punctuation around it. */
const valueLength = 32

/** True when an event without escapes is below its limit for sure, found out without writing it as JSON. */
function isPlainlySmall(value: unknown): boolean {
  return isObject(value) && lengthOf(value, value.properties) + lengthOf(value.properties) <= plainlySmallLength
}

/** At least what an object takes as JSON, beside one of its values; infinite for other nested ones. */
function lengthOf(value: unknown, beside?: unknown): number {
  if (!isObject(value)) return valueLength
  let length = 0
  for (const key in value) {
    const field = value[key]
    length += key.length + valueLength
    if (typeof field === 'string') length += field.length
    else if (typeof field === 'object' && field !== null && field !== beside) return Number.POSITIVE_INFINITY
  }
  return length
}

/** Null for nesting so deep that it cannot be written (from about 5,000 levels). */
function serialise(value: unknown): string | null {
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isEventType = (value: unknown): value is EventType => eventTypes.includes(value as EventType)

const isAbsentOr = (value: unknown, check: (value: unknown) => boolean): boolean => value === undefined || check(value)

const isSpanId = (value: unknown): boolean =>
  typeof value === 'string' && value.length === 16 && /^(?!0+$)[0-9a-f]+$/.test(value)

/** Of a batch nearly all events have the same page, session and trace: what was last asked is not worked out again. */
function rememberLast<Key, Answer>(work: (key: Key) => Answer): (key: Key) => Answer {
  let last: { key: Key; answer: Answer } | undefined
  return (key) => {
    if (!last || last.key !== key) last = { key, answer: work(key) }
    return last.answer
  }
}
const readPage = rememberLast(scrubPage)
/** When the session began, in milliseconds since 1970; null for what is no session. */
const readSession = rememberLast((value: unknown) => (isUuid7(value) ? uuid7Ms(value) : null))
const isTraceId = rememberLast(
  (value: unknown) => typeof value === 'string' && value.length === 32 && /^(?!0+$)[0-9a-f]+$/.test(value),
)

function tenantField(value: object): string | undefined {
  for (const key in value) if ((key[0] === 't' || key[0] === 'T') && /^tenant/i.test(key)) return key
  return undefined
}

function withScrubbedTexts(properties: Record<string, unknown>): Record<string, unknown> {
  if (typeof properties.error_type !== 'string') return properties
  const error_type = scrubMessage(properties.error_type, maxErrorTypeLength)
  const { message } = properties
  return typeof message === 'string'
    ? { ...properties, error_type, message: scrubMessage(message) }
    : { ...properties, error_type }
}

function describe(name: string, check: ValidateFunction): string {
  const error = check.errors?.[0]
  if (!error) return `${name} is invalid`
  const { additionalProperty, allowedValues } = error.params as {
    additionalProperty?: string
    allowedValues?: unknown[]
  }
  const where = `${name}${error.instancePath.replaceAll('/', '.')}`
  if (additionalProperty !== undefined) return `${where} has no property "${additionalProperty.slice(0, 64)}"`
  const allowed = allowedValues && allowedValues.length <= 20 ? `: ${allowedValues.join(', ')}` : ''
  return `${where} ${error.message ?? 'is invalid'}${allowed}`
}
