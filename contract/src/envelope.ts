// The body of `POST /api/v1/widget/events` and its answer.
import Type, { type Static } from 'typebox'
import { type EventProperties, type EventType, eventProperties, eventTypes } from './events.ts'
import { maxBatchEvents, maxVersionLength } from './limits.ts'
import { oneOf } from './one-of.ts'
import { dropReasons, ignoreReasons, rejections } from './refusals.ts'

export const uuid7Pattern = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

/** What a browser gave up since its last report; counted once per `report_id`. */
const droppedSchema = Type.Object(
  {
    report_id: Type.String({ pattern: uuid7Pattern }),
    counts: Type.Object(
      Object.fromEntries(
        dropReasons.map((reason) => [reason, Type.Optional(Type.Integer({ minimum: 0, maximum: 1e9 }))]),
      ),
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type Dropped = Static<typeof droppedSchema>

/** The envelope; its events are checked one by one afterwards, so that a bad one costs no neighbour. */
export const envelopeSchema = Type.Object({
  site_key: Type.String({ minLength: 1, maxLength: 64 }),
  sent_at: Type.String({ format: 'date-time' }),
  widget_version: Type.Optional(Type.String({ maxLength: maxVersionLength })),
  events: Type.Array(Type.Unknown(), { maxItems: maxBatchEvents }),
  dropped: Type.Optional(droppedSchema),
})
export type Envelope = Static<typeof envelopeSchema>

/** One event of the given type as it travels. */
export type WireEvent<T extends EventType = EventType> = {
  [K in T]: {
    id: string
    type: K
    session_id: string
    page?: string
    trace_id?: string
    span_id?: string
    properties: EventProperties[K]
  }
}[T]

const uuid7 = Type.String({ pattern: uuid7Pattern })

/** The whole body in one schema, for those who read about it; the service judges event by event instead. */
export const batchSchema = Type.Object({
  ...envelopeSchema.properties,
  events: Type.Array(
    Type.Union(
      eventTypes.map((type) =>
        Type.Object({
          id: uuid7,
          type: Type.Literal(type),
          session_id: uuid7,
          page: Type.Optional(Type.String()),
          trace_id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })),
          span_id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16}$' })),
          properties: eventProperties[type],
        }),
      ),
    ),
    { maxItems: maxBatchEvents },
  ),
})

/** The body a browser sends. */
export type Batch = Omit<Envelope, 'events'> & { events: WireEvent[] }

/** The body of a 200. */
export const verdictSchema = Type.Object({
  accepted: Type.Integer(),
  duplicates: Type.Integer(),
  ignored: Type.Integer(),
  /** Why a whole batch was ignored. */
  reason: Type.Optional(oneOf(ignoreReasons)),
  rejected: Type.Array(
    Type.Object({
      index: Type.Integer(),
      id: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
      reason: oneOf(rejections),
      detail: Type.String(),
    }),
  ),
  server_time: Type.String({ format: 'date-time' }),
})
export type Verdict = Static<typeof verdictSchema>
