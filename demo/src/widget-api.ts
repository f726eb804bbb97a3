// The estimate widget's calls to its own API, each traced and timed.
import type { Operation } from 'contract/spans'
import type { Telemetry } from 'widget-otel'
import type { WidgetConfig } from './api.ts'
import type { Estimate } from './estimate.ts'
import type { Job, Message, Reply } from './job.ts'

export type Contact = { email: string } | { phone: string }

/** The API answered no, or not at all. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly operation: Operation
  constructor(operation: Operation, reason: string) {
    super(`${operation}: ${reason}`)
    this.operation = operation
  }
}

export function createApi(telemetry: Telemetry) {
  async function call<Answer>(operation: Operation, path: string, body?: unknown): Promise<Answer> {
    const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await telemetry.fetch(operation, path, init || {}).catch(() => {
      throw new ApiError(operation, 'no answer')
    })
    if (!response.ok) throw new ApiError(operation, `status ${response.status}`)
    return response.json()
  }
  return {
    loadConfig: () => call<WidgetConfig>('load_config', '/api/config'),
    sendMessage: (message: Message) => call<Reply>('send_message', '/api/messages', message),
    createEstimate: (job: Job) => call<Estimate>('create_estimate', '/api/estimate', job),
    submitLead: (contact: Contact) => call<{ lead_id: string }>('submit_lead', '/api/leads', contact),
    requestQuote: (quote: { lead_id: string; service: Job['service']; amount: number }) =>
      call<{ quote_id: string }>('request_quote', '/api/quotes', quote),
  }
}

/** What `work` gives, and how long it took in whole milliseconds. */
export async function timed<Result>(work: Promise<Result>): Promise<[Result, number]> {
  const startedMs = performance.now()
  const result = await work
  return [result, Math.round(performance.now() - startedMs)]
}
