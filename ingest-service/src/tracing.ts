// Spans of this service's own, for what people wait for: the portal and the analytics API. Sent to the collector's receiver for servers.
import { FastifyOtelInstrumentation } from '@fastify/otel'
import { type Context, isSpanContextValid, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import type { FastifyPluginCallback } from 'fastify'
import { createBucket } from './bucket.ts'

export type Tracing = {
  /** Register it in the scope whose routes get spans. */
  plugin: FastifyPluginCallback
  /** Sends what is left. */
  stop(): Promise<void>
}

/** All that leaves the process of a span, beside its ids, name, times and whether it failed. */
const sentAttributes = ['http.request.method', 'http.route', 'http.response.status_code', 'error.type']
/** Anyone may call a public port: more spans than these are not made. */
const tracesPerSecond = 10
const tracesBurst = 100
const exportTimeoutMs = 5_000

/** Once per process. An endpoint that is away costs spans, never an answer. */
export function startTracing(endpoint: string, version: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: exportTimeoutMs })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'ingest-service', 'service.version': version }),
    sampler: boundedSampler(),
    spanProcessors: [new BatchSpanProcessor(withListedAttributes(exporter), { exportTimeoutMillis: exportTimeoutMs })],
  })
  // baggage of strangers is not read
  provider.register({ propagator: new W3CTraceContextPropagator() })
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    requestHook: (span, request) => span.updateName(`${request.method} ${request.routeOptions.url ?? 'unknown route'}`),
  })
  instrumentation.setTracerProvider(provider)
  return { plugin: instrumentation.plugin(), stop: () => provider.shutdown().catch(() => {}) }
}

/** Whether the caller's own span was sampled is not asked: that would let strangers decide how much we send. */
function boundedSampler(): Sampler {
  const bucket = createBucket(tracesPerSecond, tracesBurst, Date.now)
  const { RECORD_AND_SAMPLED, NOT_RECORD } = SamplingDecision
  return {
    shouldSample(context: Context) {
      const parent = trace.getSpanContext(context)
      const isOurs = parent !== undefined && isSpanContextValid(parent) && !parent.isRemote
      const isSampled = isOurs ? (parent.traceFlags & 1) === 1 : bucket.take('traces', 1) === 0
      return { decision: isSampled ? RECORD_AND_SAMPLED : NOT_RECORD }
    },
    toString: () => 'bounded',
  }
}

/** Addresses, queries and messages of errors are never sent: spans are rebuilt from what is listed. */
function withListedAttributes(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(rebuild), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

function rebuild(span: ReadableSpan): ReadableSpan {
  const attributes = Object.fromEntries(
    sentAttributes.flatMap((name) => (name in span.attributes ? [[name, span.attributes[name]]] : [])),
  )
  return Object.create(span, {
    attributes: { value: attributes },
    status: { value: { code: span.status.code } },
    events: { value: [] },
    links: { value: [] },
  })
}
