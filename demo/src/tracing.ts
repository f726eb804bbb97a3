// OpenTelemetry for the demo's API: its spans join the browser's trace by `traceparent`.
import { FastifyOtelInstrumentation } from '@fastify/otel'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

/** Short, because people watch a demo. */
const exportDelayMs = 1_000
const exportTimeoutMs = 2_000

export type Tracing = { plugin: ReturnType<FastifyOtelInstrumentation['plugin']>; stop: () => Promise<void> }

/**
 * Call it once per process. An endpoint that is away costs spans, never answers, and nothing is printed: OpenTelemetry
 * reports through its `diag`, which has no listener here.
 */
export function startTracing(endpoint: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: exportTimeoutMs })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'demo-api' }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      new BatchSpanProcessor(exporter, { scheduledDelayMillis: exportDelayMs, exportTimeoutMillis: exportTimeoutMs }),
    ],
  })
  // a server of our own: here the global registration that a guest page must be spared does no harm
  provider.register({ propagator: new W3CTraceContextPropagator() })
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    requestHook: (span, request) => span.updateName(`${request.method} ${request.routeOptions.url ?? 'unknown route'}`),
  })
  instrumentation.setTracerProvider(provider)
  return { plugin: instrumentation.plugin(), stop: () => provider.shutdown().catch(() => {}) }
}
