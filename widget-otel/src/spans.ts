// The page view's spans: held until OpenTelemetry is there, handed over afterwards. Every span is finished when it comes.
import type { EventType } from 'contract/events'
import type { apiCallSpan, attributes } from 'contract/spans'
import type { SpanIds } from './trace.ts'

export type Span = SpanIds & {
  name: EventType | typeof apiCallSpan
  /** Milliseconds since 1970. */
  startMs: number
  endMs: number
  failed?: boolean
  attributes: Partial<Record<(typeof attributes)[keyof typeof attributes], string | number | undefined>>
}

export type Tracing = {
  add(span: Span): void
  /** Reaches the network layer within microtasks. */
  flush(): Promise<void>
}

export type TracingOptions = {
  endpoint: string
  siteKey: string
  widgetVersion: string | undefined
  /** Asked before each request. */
  maySend: () => boolean
}

/** Fetches the part that contains OpenTelemetry. */
export type LoadTracing = () => Promise<{ openTracing(options: TracingOptions): Tracing }>

/** As many as OpenTelemetry's own queue takes. */
export const maxWaitingSpans = 100

export function createSpans(load: LoadTracing, options: TracingOptions, log: (...words: unknown[]) => void) {
  let waiting: Span[] = []
  let tracing: Tracing | undefined
  let loading = false
  let mute = false
  const maySend = () => !mute && options.maySend()

  return {
    add(span: Span) {
      if (tracing) tracing.add(span)
      else if (waiting.length < maxWaitingSpans) waiting.push(span)
    },
    /** Loads OpenTelemetry, once. A page that does not let it in loses its spans, never its events. */
    async open() {
      if (loading || !maySend()) return
      loading = true
      try {
        const { openTracing } = await load()
        tracing = openTracing({ ...options, maySend })
        for (const span of waiting) tracing.add(span)
      } catch (error) {
        log('no spans', error)
      }
      waiting = []
    },
    async flush() {
      await tracing?.flush().catch(log)
    },
    /** What waits is not to be sent. */
    clear() {
      waiting = []
    },
    /** Nothing is to be sent any more. */
    mute() {
      mute = true
    },
  }
}

export type Spans = ReturnType<typeof createSpans>
