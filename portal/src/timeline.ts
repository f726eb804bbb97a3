// Puts a visit in order: each event, and each request with what the servers did for it, by the tenant's own clock.
import type { JourneyEvent, JourneySpan } from 'contract/analytics'
import { clockToleranceMs } from 'contract/limits'
import { serviceName } from 'contract/spans'

export type Row = { span: JourneySpan; startMs: number; depth: number }
/** An event, with the span it became where that is held; or a request and all that descends from it. */
export type Item =
  | { atMs: number; event: JourneyEvent; durationMs: number | null; failed: boolean }
  | { atMs: number; rows: Row[] }

export function arrange(events: JourneyEvent[], spans: JourneySpan[]): Item[] {
  const keyOf = (traceId: string | null, spanId: string | null): string => `${traceId} ${spanId}`
  const spanOf = new Map(spans.map((span) => [keyOf(span.trace_id, span.span_id), span]))
  const eventKeys = new Set(events.map((event) => keyOf(event.trace_id, event.span_id)))
  const children = Map.groupBy(spans, (span) => keyOf(span.trace_id, span.parent_span_id))
  const skewMs = findSkew(events, (event) => spanOf.get(keyOf(event.trace_id, event.span_id)))
  const startOf = (span: JourneySpan): number => Date.parse(span.start) + (span.service === serviceName ? skewMs : 0)

  const items: Item[] = events.map((event) => {
    const span = spanOf.get(keyOf(event.trace_id, event.span_id))
    return {
      atMs: Date.parse(event.occurred_at),
      event,
      durationMs: span && span.duration_ms > 0 ? span.duration_ms : null,
      failed: event.type === 'widget_error' || span?.status === 'error',
    }
  })
  const placed = new Set<JourneySpan>()
  const descend = (span: JourneySpan, depth: number): Row[] => {
    const key = keyOf(span.trace_id, span.span_id)
    // a ring of parents ends here, and an event stands for itself
    if (placed.has(span) || eventKeys.has(key)) return []
    placed.add(span)
    return [
      { span, startMs: startOf(span), depth },
      ...(children.get(key) ?? []).flatMap((child) => descend(child, depth + 1)),
    ]
  }
  for (const span of spans) {
    const parent = keyOf(span.trace_id, span.parent_span_id)
    if (spanOf.has(parent) && !eventKeys.has(parent)) continue
    const rows = descend(span, 0)
    if (rows[0]) items.push({ atMs: rows[0].startMs, rows })
  }
  return items.sort((a, b) => a.atMs - b.atMs)
}

/** How far the visitor's clock was off: the service has corrected the events, but not the spans. */
function findSkew(events: JourneyEvent[], spanOf: (event: JourneyEvent) => JourneySpan | undefined): number {
  const differences = events
    .flatMap((event) => {
      const span = spanOf(event)
      return span ? [Date.parse(event.occurred_at) - (Date.parse(span.start) + span.duration_ms)] : []
    })
    .sort((a, b) => a - b)
  const median = differences[differences.length >> 1] ?? 0
  return Math.abs(median) > clockToleranceMs ? median : 0
}
