// The ids that join everything of one page view into one trace, and the header that carries them to a server.
import { randomHex } from './random.ts'

export type SpanIds = { trace_id: string; span_id: string }

export const newSpan = () => ({ span_id: randomHex(2) })

/** The root of a new trace. */
export const newTrace = (): SpanIds => ({ trace_id: randomHex(4), ...newSpan() })

/** W3C Trace Context; always sampled, because all traces are kept. */
export const traceparent = ({ trace_id, span_id }: SpanIds): string => `00-${trace_id}-${span_id}-01`
