// The ids that join everything of one page view into one trace, and the header that carries them to a server.
import { randomHex } from './random.ts'

export type SpanIds = { traceId: string; spanId: string; parentId?: string }

/** The root of a new trace. */
export const newTrace = (): SpanIds => ({ traceId: randomHex(16), spanId: randomHex(8) })

export const newChild = ({ traceId, spanId }: SpanIds): SpanIds => ({
  traceId,
  spanId: randomHex(8),
  parentId: spanId,
})

/** W3C Trace Context; always sampled, because all traces are kept. */
export const traceparent = ({ traceId, spanId }: SpanIds): string => `00-${traceId}-${spanId}-01`
