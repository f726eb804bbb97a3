// What the back ends say, asked as their own users would ask.
import pg from 'pg'
import type { StackHandle } from 'stack/stack'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

export type Event = {
  id: string
  type: string
  session_id: string
  trace_id: string
  span_id: string
  page: string
  properties: Record<string, unknown>
}

/** A span as the trace store returns it, with the service it came from. */
export type Span = {
  name: string
  service: string
  spanId: string
  parentSpanId: string
  attributes: Record<string, unknown>
  failed: boolean
}

export type Alert = { status: string; labels: Record<string, string>; annotations: Record<string, string> }

export function openBackends(t: Test, { databaseUrl, publicUrl, ports, demoTenant }: StackHandle) {
  // the service's own login sees no tenant's rows unless it takes a role that may
  const db = new pg.Pool({ connectionString: databaseUrl, max: 1, options: '-c role=leadlight_views' })
  t.teardown(() => db.end())
  const json = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
    return response.ok ? response.json() : null
  }
  return {
    async events(): Promise<Event[]> {
      const { rows } = await db.query(
        `select id, type, session_id, replace(trace_id::text, '-', '') as trace_id, encode(span_id, 'hex') as span_id, page, properties
         from leadlight.events where tenant_id = $1 order by id`,
        [demoTenant.tenant_id],
      )
      return rows
    },
    analytics: (path: string): Promise<any> =>
      json(`${publicUrl}/api/v1/analytics/${path}`, { authorization: `Bearer ${demoTenant.read_token}` }),
    async spans(traceId: string): Promise<Span[]> {
      const answer: any = await json(`http://127.0.0.1:${ports.TRACES_PORT}/api/v3/traces/${traceId}`)
      return (answer?.result.resourceSpans ?? []).flatMap(({ resource, scopeSpans }: any) => {
        const service = valuesOf(resource.attributes)['service.name']
        return scopeSpans.flatMap(({ spans }: any) =>
          spans.map((span: any) => ({
            name: span.name,
            service,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? '',
            attributes: valuesOf(span.attributes),
            failed: span.status?.code === 2,
          })),
        )
      })
    },
    /** The value of an instant query, 0 where there is no series. */
    async metric(query: string): Promise<number> {
      const answer: any = await json(
        `http://127.0.0.1:${ports.PROMETHEUS_PORT}/api/v1/query?query=${encodeURIComponent(query)}`,
      )
      return Number(answer?.data.result[0]?.value[1] ?? 0)
    },
    alerts: (box: 'on-call' | 'tickets'): Promise<Alert[]> => json(`http://127.0.0.1:${ports.ALERTS_PORT}/${box}`),
  }
}

/** Asks until the answer satisfies, and returns the last answer either way, for the test to compare. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  timeoutMs: number,
): Promise<T> {
  let last = await ask()
  const satisfied = async (): Promise<boolean> => {
    last = await ask()
    return satisfies(last)
  }
  await waitFor(satisfied, { timeoutMs, intervalMs: 500 })
  return last
}

function valuesOf(attributes: { key: string; value: Record<string, unknown> }[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
