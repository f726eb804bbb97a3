// What the first part hands to the part that comes later: its state, and the spans that wait for OpenTelemetry.
import type { WireEvent } from 'contract/envelope'
import type { attributes } from 'contract/spans'
import type { clock } from './clock.ts'
import type { Delivery, Settle } from './delivery.ts'
import type { Log, Options } from './options.ts'
import type { Queue } from './queue.ts'
import type { Session } from './session.ts'
import type { SpanIds } from './trace.ts'

/** A call of the widget's own API that has ended; events are spans by themselves. */
export type ApiCall = SpanIds & {
  /** Milliseconds since 1970. */
  startMs: number
  endMs: number
  failed: boolean
  attributes: Partial<Record<(typeof attributes)[keyof typeof attributes], string | number | undefined>>
}
export type Spanned = WireEvent | ApiCall

export type Core = {
  options: Options
  clock: typeof clock
  queue: Queue
  delivery: Delivery
  session: Session
  /** OpenTelemetry, once there, empties it and takes over its `push`. */
  heldSpans: Spanned[]
  /** The root of the page view's trace. */
  rootSpan: SpanIds
  /** Undefined until it is asked for; resolves to nothing where it could not be loaded. */
  later?: Promise<Later | undefined>
  log: Log
}

export type Later = {
  settle: Settle
  /** Sends the spans that wait; reaches the network layer within microtasks. */
  flush(): Promise<void>
}

/** As many as OpenTelemetry's own queue takes. */
export const maxWaitingSpans = 100

export const addSpan = ({ heldSpans }: Core, span: Spanned): void => {
  if (heldSpans.length < maxWaitingSpans) heldSpans.push(span)
}
