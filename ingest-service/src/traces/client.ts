// Asks the trace store for the spans of some traces, within bounds: a visitor may have sent any amount of them.

import type { Span } from './otlp.ts'
import { type Store, stores } from './stores.ts'

/** `truncated` when the bounds left something out. */
export type Found = { spans: Span[]; truncated: boolean }

export type Traces = {
  /** The spans held of these traces, or null when the store could not be asked. */
  find(traceIds: string[]): Promise<Found | null>
  /** The store that answers and where it shows a trace itself, or null when none could be asked. */
  locate(traceId: string): Promise<{ store: Store; url: string } | null>
}

/** For one question, however many traces it is about. */
const maxMs = 3_000
const maxBytes = 2_000_000
const maxTraces = 20

type Budget = { bytesLeft: number; signal: AbortSignal }
const createBudget = (ms: number): Budget => ({ bytesLeft: maxBytes, signal: AbortSignal.timeout(ms) })

/** Without an address no trace is ever held. Which of the two stores answers there is found out by asking both. */
export function createTraces(url: string | undefined, ms = maxMs): Traces {
  return {
    async find(traceIds) {
      if (!url) return null
      const budget = createBudget(ms)
      const asked = traceIds.slice(0, maxTraces)
      const answers = await Promise.all(asked.map((id) => askStores(url, id, budget)))
      const answered = answers.filter((answer) => answer !== null)
      if (answered.length === 0 && asked.length > 0 && budget.bytesLeft >= 0) return null
      const truncated = answered.length < traceIds.length || budget.bytesLeft < 0 || budget.signal.aborted
      return { spans: answered.flatMap((answer) => answer.spans), truncated }
    },
    async locate(traceId) {
      const answer = url ? await askStores(url, traceId, createBudget(ms)) : null
      return answer && { store: answer.store, url: url + answer.store.path(traceId) }
    },
  }
}

type Answer = { store: Store; spans: Span[] }

async function askStores(url: string, traceId: string, budget: Budget): Promise<Answer | null> {
  const answers = await Promise.all(stores.map((store) => ask(url, store, traceId, budget).catch(() => null)))
  return answers.find((answer) => answer && answer.spans.length > 0) ?? answers.find((answer) => answer) ?? null
}

/** Both stores say 404 to a path they do not know, in plain text; Jaeger says it of a trace, too, and then in JSON. */
async function ask(url: string, store: Store, traceId: string, budget: Budget): Promise<Answer> {
  const { signal } = budget
  const response = await fetch(url + store.path(traceId), { headers: { accept: 'application/json' }, signal })
  const answer: unknown = JSON.parse(await readBody(response, budget))
  return { store, spans: response.ok ? store.read(answer) : [] }
}

async function readBody(response: Response, budget: Budget): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) {
    budget.bytesLeft -= chunk.length
    if (budget.bytesLeft < 0) throw new Error(`traces of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
