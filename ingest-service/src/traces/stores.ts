// The two trace stores Leadlight runs with, and how each answers for one trace.
import { type OtlpResourceSpans, readSpans, type Span } from './otlp.ts'

export type Store = {
  /** What a Grafana data source of this store's type is asked for one trace. */
  grafanaQuery: (traceId: string) => object
  path: (traceId: string) => string
  /** The spans of an answer; empty when the store does not hold the trace. */
  read: (answer: unknown) => Span[]
}

/** Jaeger 2: ids in hex; an unknown trace is a 404. */
export const jaeger: Store = {
  grafanaQuery: (traceId) => ({ query: traceId }),
  path: (traceId) => `/api/v3/traces/${traceId}`,
  read: (answer) => {
    const { result } = answer as { result?: { resourceSpans?: OtlpResourceSpans } }
    return readSpans(result?.resourceSpans ?? [], (id) => id)
  },
}

/** Tempo 3: ids in base64; an unknown trace is a 200 with an empty object. */
export const tempo: Store = {
  grafanaQuery: (traceId) => ({ queryType: 'traceql', query: traceId }),
  path: (traceId) => `/api/v2/traces/${traceId}`,
  read: (answer) => {
    const { trace } = answer as { trace?: { resourceSpans?: OtlpResourceSpans } }
    return readSpans(trace?.resourceSpans ?? [], (id) => Buffer.from(id, 'base64').toString('hex'))
  },
}

export const stores = [jaeger, tempo]
