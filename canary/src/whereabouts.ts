// Where a visit must show up afterwards. All but the metric are asked as a contractor asks, by the public door with a read
// token, so that reading, row-level security and the tenant's stamp are tried as well, and the canary knows no database.
import type { Journey } from 'contract/analytics'
import type { Visit } from './visit.ts'

export type Reader = { url: string; readToken: string; timeoutMs: number }
export type Metrics = { prometheusUrl: string; tenantId: string; timeoutMs: number }

/** Whether the visit's lead is among the newest of its tenant. @throws when nobody answers */
export async function hasRow(reader: Reader, { eventId }: Visit): Promise<boolean> {
  const { leads } = await ask<{ leads: { event_id: string }[] }>(reader, '/leads')
  return leads.some(({ event_id }) => event_id === eventId)
}

/** Whether the trace store holds the visit's span under its tenant. @throws when nobody answers */
export async function hasTrace(reader: Reader, { eventId, traceId, spanId }: Visit): Promise<boolean> {
  const { spans } = await ask<Pick<Journey, 'spans'>>(reader, `/leads/${eventId}/journey`)
  return spans.some(({ trace_id, span_id }) => trace_id === traceId && span_id === spanId)
}

/** Spans of the reserved tenant that were counted so far. @throws when Prometheus does not answer */
export async function countSpans({ prometheusUrl, tenantId, timeoutMs }: Metrics): Promise<number> {
  const query = `sum(widget_span_calls_total{tenant_id="${tenantId}", span_name="lead_captured"})`
  const answer = await get<{ data: { result: { value: [number, string] }[] } }>(
    `${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`,
    {},
    timeoutMs,
  )
  return Number(answer.data.result[0]?.value[1] ?? 0)
}

const ask = <T>({ url, readToken, timeoutMs }: Reader, path: string): Promise<T> =>
  get(`${url}/api/v1/analytics${path}`, { authorization: `Bearer ${readToken}` }, timeoutMs)

async function get<T>(url: string, headers: Record<string, string>, timeoutMs: number): Promise<T> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`)
  return (await response.json()) as T
}
