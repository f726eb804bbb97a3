// The lazy part: the one file that constructs OpenTelemetry. Nothing of it is registered globally, so the page's own stays alone.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-web'
import { attributes, scopeName, serviceName, siteKeyHeader } from 'contract/spans'
import { maxWaitingSpans, type Span, type Tracing, type TracingOptions } from './spans.ts'

export function openTracing({ endpoint, siteKey, widgetVersion, maySend }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers: { [siteKeyHeader]: siteKey } })
  const processor = new BatchSpanProcessor(
    {
      export: (spans, done) => (maySend() ? exporter.export(spans, done) : done({ code: 0 })),
      shutdown: () => exporter.shutdown(),
    },
    {
      // 50 spans are about 25 KB: two batches at hide stay below the 60 KiB up to which the exporter uses keepalive
      maxExportBatchSize: maxWaitingSpans / 2,
      maxQueueSize: maxWaitingSpans,
      // its own listener waits for a `pagehide` on document, where it never comes
      disableAutoFlushOnDocumentHide: true,
    },
  )

  // spans come with the ids that events and traceparent headers already carry
  let coming: Span
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      [attributes.serviceName]: serviceName,
      ...(widgetVersion && { [attributes.serviceVersion]: widgetVersion }),
    }),
    // said aloud, or the default would follow the sampling of whatever parent it sees
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => coming.traceId, generateSpanId: () => coming.spanId },
    spanLimits: { attributeValueLengthLimit: 128 },
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer(scopeName)

  return {
    add(span) {
      coming = span
      const { traceId, parentId, name, startMs, endMs, failed, attributes } = span
      // always an explicit parent: the default is whatever span of the page happens to be active
      const parent = parentId
        ? trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED })
        : ROOT_CONTEXT
      const kind = name === 'api_call' ? SpanKind.CLIENT : SpanKind.INTERNAL
      const started = tracer.startSpan(name, { kind, startTime: startMs, attributes }, parent)
      if (failed) started.setStatus({ code: SpanStatusCode.ERROR })
      started.end(endMs)
    },
    flush: () => processor.forceFlush(),
  }
}
