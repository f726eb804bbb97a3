// What the analytics API answers. The schema is the type, for the service that writes it and the portal that reads it.
import Type, { type Static, type TInteger } from 'typebox'
import { type EventType, eventTypes, funnelTypes, leadTypes } from './events.ts'
import { oneOf } from './one-of.ts'

const nullable = <T>(type: 'number' | 'string') => Type.Unsafe<T | null>({ type: [type, 'null'] })
const NumberOrNull = nullable<number>('number')
const TextOrNull = nullable<string>('string')

/** `value` is null when the denominator is 0. */
export const Ratio = Type.Object({ numerator: Type.Integer(), denominator: Type.Integer(), value: NumberOrNull })
export type Ratio = Static<typeof Ratio>

/** A ratio of sessions with its Wilson 95 % interval. */
export const Rate = Type.Object({ ...Ratio.properties, low: NumberOrNull, high: NumberOrNull })
export type Rate = Static<typeof Rate>

/** Starts every answer. */
export const Common = Type.Object({
  tenant: Type.Object({ name: Type.String(), time_zone: Type.String() }),
  /** First and last day, both inclusive, in the tenant's time zone. */
  from: Type.String({ format: 'date' }),
  to: Type.String({ format: 'date' }),
  /** One plain sentence for each field. */
  definitions: Type.Record(Type.String(), Type.String()),
})
export type Common = Static<typeof Common>

export const Numbers = Type.Object({
  widget_views: Type.Integer(),
  sessions: Type.Integer(),
  engagement_rate: Rate,
  estimate_conversion_rate: Rate,
  lead_capture_rate: Rate,
  quote_request_rate: Rate,
  average_conversation_length: Ratio,
})
export type Numbers = Static<typeof Numbers>

export const Summary = Type.Object({ ...Numbers.properties, previous: Type.Union([Numbers, Type.Null()]) })
export type Summary = Common & Static<typeof Summary>

export type FunnelType = (typeof funnelTypes)[number]
export const Step = Type.Object({
  type: oneOf(funnelTypes),
  sessions: Type.Integer(),
  of_first: Rate,
  /** Null for the first step. */
  of_previous: Type.Union([Rate, Type.Null()]),
})
export type Step = Static<typeof Step>

export const Funnel = Type.Object({ steps: Type.Array(Step) })
export type Funnel = Common & Static<typeof Funnel>

export const Point = Type.Object({
  start: Type.String({ format: 'date-time' }),
  ...(Object.fromEntries(eventTypes.map((type) => [type, Type.Integer()])) as Record<EventType, TInteger>),
})
export type Point = Static<typeof Point>
export const Series = Type.Object({ points: Type.Array(Point) })
export type Series = Common & Static<typeof Series>

/** Milliseconds. */
export const Distribution = Type.Object({
  p50: NumberOrNull,
  p75: NumberOrNull,
  p95: NumberOrNull,
  count: Type.Integer(),
})
export type Distribution = Static<typeof Distribution>

export const Performance = Type.Object({
  load_ms: Distribution,
  response_ms: Type.Object({ send_message: Distribution, create_estimate: Distribution }),
  error_rate: Rate,
  errors: Type.Array(
    Type.Object({ type: Type.String(), source: TextOrNull, operation: TextOrNull, count: Type.Integer() }),
  ),
})
export type Performance = Static<typeof Performance>

/** `value` is null for visits that did not say. */
export const Breakdown = Type.Object({
  breakdown: Type.Array(Type.Object({ value: TextOrNull, ...Numbers.properties })),
})
export type Breakdown = Static<typeof Breakdown>

export const Lead = Type.Object({
  event_id: Type.String(),
  type: oneOf(leadTypes),
  occurred_at: Type.String({ format: 'date-time' }),
  session_id: Type.String(),
  trace_id: TextOrNull,
  page: TextOrNull,
  source: TextOrNull,
  properties: Type.Record(Type.String(), Type.Unknown()),
  /** Something in the widget failed during the visit. */
  had_error: Type.Boolean(),
})
export type Lead = Static<typeof Lead>
export const Leads = Type.Object({
  leads: Type.Array(Lead),
  next_cursor: TextOrNull,
  /** Of all pages: how many there are, and how many come from visits in which something failed. */
  total: Type.Integer(),
  with_errors: Type.Integer(),
})
export type Leads = Common & Static<typeof Leads>

export const JourneyEvent = Type.Object({
  id: Type.String(),
  type: oneOf(eventTypes),
  occurred_at: Type.String({ format: 'date-time' }),
  page: TextOrNull,
  trace_id: TextOrNull,
  span_id: TextOrNull,
  properties: Type.Record(Type.String(), Type.Unknown()),
})
export type JourneyEvent = Static<typeof JourneyEvent>

export const JourneySpan = Type.Object({
  name: Type.String(),
  /** `service.name` of whoever made it. */
  service: Type.String(),
  trace_id: Type.String(),
  span_id: Type.String(),
  parent_span_id: TextOrNull,
  start: Type.String({ format: 'date-time' }),
  duration_ms: Type.Number(),
  status: oneOf(['unset', 'ok', 'error']),
  attributes: Type.Record(Type.String(), Type.Unknown()),
})
export type JourneySpan = Static<typeof JourneySpan>

export const Journey = Type.Object({
  events: Type.Array(JourneyEvent),
  spans: Type.Array(JourneySpan),
  /** Whether the traces behind it can be shown: `expired` when the store holds them no longer. */
  traces: oneOf(['held', 'expired', 'unavailable']),
  /** True when there is more than is shown: journeys are bounded, since a visitor may send any amount. */
  truncated: Type.Boolean(),
})
export type Journey = Common & Static<typeof Journey>

export const Install = Type.Object({
  /** The origins that are registered; `last_event_at` is right to the minute, and null where no event ever came. */
  origins: Type.Array(Type.Object({ origin: Type.String(), last_event_at: TextOrNull, widget_version: TextOrNull })),
  /** Origins that used the key in the last days without being registered. */
  refused: Type.Array(Type.Object({ origin: Type.String(), last_refused_at: Type.String({ format: 'date-time' }) })),
  /** The line for the contractor's pages; null when every key has run out. */
  snippet: TextOrNull,
  content_security_policy: Type.String(),
})
export type Install = Static<typeof Install>
