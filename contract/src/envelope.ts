// The body of `POST /api/v1/widget/events` and its answer.
import Type, { type Static } from 'typebox'
import type { EventProperties, EventType } from './events.ts'
import { maxBatchEvents, maxVersionLength } from './limits.ts'
import { dropReasons, type IgnoreReason, type Rejection } from './refusals.ts'

export const uuid7Pattern = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

/** What a browser gave up since its last report; counted once per `report_id`. */
export const droppedSchema = Type.Object(
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

/** The body a browser sends. */
export type Batch = Omit<Envelope, 'events'> & { events: WireEvent[] }

/** The body of a 200. */
export type Verdict = {
  accepted: number
  duplicates: number
  ignored: number
  /** Why a whole batch was ignored. */
  reason?: IgnoreReason
  rejected: { index: number; id: string | null; reason: Rejection; detail: string }[]
  server_time: string
}
