// The widget's calls of its own API: window.fetch with a span, and a traceparent where the widget's owner wants one.
import type { Operation } from 'contract/spans'
import type { ApiCall } from './core.ts'
import { operation as checkOperation } from './properties.ts'
import { type SpanIds, traceparent } from './trace.ts'

export type Outcome = Pick<ApiCall, 'failed' | 'attributes'>

/** Resolves and rejects exactly as window.fetch would. */
export async function tracedFetch(
  [operation, input, init]: [operation: Operation, input: RequestInfo | URL, init?: RequestInit],
  ids: SpanIds,
  traceOrigins: string[],
  finished: (outcome: Outcome) => void,
): Promise<Response> {
  const attributes: ApiCall['attributes'] = { 'estimate_widget.operation': checkOperation(operation) ?? 'other' }
  try {
    const response = await fetch(input, withTraceparent(input, init, ids, traceOrigins))
    attributes['http.response.status_code'] = response.status
    // for a client every 4xx and 5xx is an error: OpenTelemetry's HTTP conventions
    const failed = response.status >= 400
    if (failed) attributes['error.type'] = String(response.status)
    finished({ failed, attributes })
    return response
  } catch (error) {
    const type = (error as Error | undefined)?.name ?? 'Error'
    attributes['error.type'] = type
    // called off by the caller: nothing failed
    finished({ failed: type !== 'AbortError', attributes })
    throw error
  }
}

function withTraceparent(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  ids: SpanIds,
  traceOrigins: string[],
): RequestInit | undefined {
  try {
    const request = input instanceof Request ? input : undefined
    const { origin } = new URL(request?.url ?? String(input), document.baseURI)
    if (!traceOrigins.includes(origin)) return init
    const headers = new Headers(init?.headers ?? request?.headers)
    if (!headers.has('traceparent')) headers.set('traceparent', traceparent(ids))
    return { ...init, headers }
  } catch {
    return init
  }
}
