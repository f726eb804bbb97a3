// The one file that constructs OpenTelemetry. Nothing of it is registered globally, so the page's own stays alone.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-web'
import type { WireEvent } from 'contract/envelope'
import { maxVersionLength } from 'contract/limits'
import { apiCallSpan, attributes, scopeName, serviceName, siteKeyHeader } from 'contract/spans'
import { type ApiCall, type Core, maxWaitingSpans, type Spanned } from './core.ts'
import { uuid7Ms } from './uuid7.ts'

/** Hands over what waits and whatever comes from now on; answers with what sends it. */
export function openTracing({ options, delivery, heldSpans, rootSpan, log }: Core): () => Promise<void> {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint}/v1/traces`,
    headers: { [siteKeyHeader]: options.siteKey },
  })
  const processor = new BatchSpanProcessor(
    {
      export: (batch, done) => (delivery.maySend() ? exporter.export(batch, done) : done({ code: 0 })),
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
  let coming: Spanned
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      [attributes.serviceName]: serviceName,
      ...(options.widgetVersion && { [attributes.serviceVersion]: options.widgetVersion.slice(0, maxVersionLength) }),
    }),
    // said aloud, or the default would follow the sampling of whatever parent it sees
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => rootSpan.trace_id, generateSpanId: () => coming.span_id as string },
    spanLimits: { attributeValueLengthLimit: 128 },
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer(scopeName)

  // always an explicit parent: the default is whatever span of the page happens to be active
  const rootContext = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: rootSpan.trace_id,
    spanId: rootSpan.span_id,
    traceFlags: TraceFlags.SAMPLED,
  })

  function add(of: Spanned) {
    coming = of
    const { name, kind, startMs, endMs, failed, attributes } = 'type' in of ? ofEvent(of) : ofCall(of)
    const parent = of.span_id === rootSpan.span_id ? ROOT_CONTEXT : rootContext
    const span = tracer.startSpan(name, { kind, startTime: startMs, attributes }, parent)
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(endMs)
  }

  for (const one of heldSpans.splice(0)) add(one)
  heldSpans.push = (...more) => {
    for (const one of more) add(one)
    return 0
  }
  return () => processor.forceFlush().catch(log)
}

/** An event's span ends when the event happened; two kinds last as long as what they measure. */
function ofEvent({ id, type, session_id, properties }: WireEvent) {
  const endMs = uuid7Ms(id)
  const { error_type, operation, load_ms, duration_ms } = properties as Record<string, string | number | undefined>
  return {
    name: type,
    kind: SpanKind.INTERNAL,
    startMs: endMs - Number(load_ms ?? duration_ms ?? 0),
    endMs,
    failed: error_type !== undefined,
    attributes: {
      [attributes.sessionId]: session_id,
      [attributes.errorType]: error_type,
      [attributes.operation]: operation,
    },
  }
}

const ofCall = (call: ApiCall) => ({ ...call, name: apiCallSpan, kind: SpanKind.CLIENT })
