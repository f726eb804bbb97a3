// Which spans of a trace a tenant may see. A trace id is made in a browser, so anyone may send spans under anyone's.
import type { Span } from './otlp.ts'

/** Most spans shown of one journey. */
const maxSpans = 500

/** Spans that carry the tenant's id, and what descends from them unless it carries another's; oldest first, as many as are shown. */
export function visibleSpans(spans: Span[], tenantId: string): { spans: Span[]; truncated: boolean } {
  const children = Map.groupBy(spans, (span) => `${span.trace_id} ${span.parent_span_id}`)
  const visible = new Set<Span>()
  const waiting = spans.filter((span) => span.tenantId === tenantId)
  for (let span = waiting.pop(); span; span = waiting.pop()) {
    if (visible.has(span)) continue
    visible.add(span)
    const below = children.get(`${span.trace_id} ${span.span_id}`) ?? []
    waiting.push(...below.filter((child) => child.tenantId === null))
  }
  const inOrder = [...visible].sort((a, b) => a.start.localeCompare(b.start))
  return { spans: inOrder.slice(0, maxSpans), truncated: inOrder.length > maxSpans }
}
