// A span as both trace stores mean it, read from the JSON form of OTLP that each of them varies in its own way.
import type { JourneySpan } from 'contract/analytics'

export type Span = JourneySpan & { tenantId: string | null }

export type OtlpValue = { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean }
export type OtlpAttributes = { key: string; value: OtlpValue }[]
export type OtlpSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status?: { code?: number | string }
  attributes?: OtlpAttributes
}
export type OtlpResourceSpans = {
  resource?: { attributes?: OtlpAttributes }
  scopeSpans?: { spans?: OtlpSpan[] }[]
}[]

/** What a tenant may see of a span; the rest stays with the operator. */
const shown = [
  'estimate_widget.operation',
  'http.response.status_code',
  'http.request.method',
  'http.route',
  'error.type',
] as const

/** `readId` turns the store's form of an id into hex. */
export function readSpans(resourceSpans: OtlpResourceSpans, readId: (id: string) => string): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(attributeOf(resource?.attributes, 'service.name') ?? 'unknown')
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => readSpan(span, service, readId)))
  })
}

function readSpan(span: OtlpSpan, service: string, readId: (id: string) => string): Span {
  const startNs = BigInt(span.startTimeUnixNano)
  const tenantId = attributeOf(span.attributes, 'tenant.id')
  return {
    name: span.name,
    service,
    trace_id: readId(span.traceId),
    span_id: readId(span.spanId),
    parent_span_id: span.parentSpanId ? readId(span.parentSpanId) : null,
    start: new Date(Number(startNs / 1_000_000n)).toISOString(),
    duration_ms: Number((BigInt(span.endTimeUnixNano) - startNs) / 1_000n) / 1_000,
    status: statusOf(span.status?.code),
    attributes: Object.fromEntries(
      shown.flatMap((key) => {
        const value = attributeOf(span.attributes, key)
        return value === undefined ? [] : [[key, value]]
      }),
    ),
    tenantId: typeof tenantId === 'string' ? tenantId : null,
  }
}

function attributeOf(attributes: OtlpAttributes | undefined, key: string): string | number | boolean | undefined {
  const value = attributes?.find((attribute) => attribute.key === key)?.value
  if (!value) return undefined
  return (
    value.stringValue ??
    value.doubleValue ??
    value.boolValue ??
    (value.intValue === undefined ? undefined : Number(value.intValue))
  )
}

function statusOf(code: number | string | undefined): JourneySpan['status'] {
  if (code === 1 || code === 'STATUS_CODE_OK') return 'ok'
  return code === 2 || code === 'STATUS_CODE_ERROR' ? 'error' : 'unset'
}
