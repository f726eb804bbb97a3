// Asks the trace store for the spans of some traces, within bounds: a visitor may have sent any amount of them.

import type { Span } from './otlp.ts'
import { type Store, stores } from './stores.ts'

export type Traces = {
  /** The spans held of these traces, or null when the store could not be asked. */
  find(traceIds: string[]): Promise<Span[] | null>
  /** Where the store itself shows a trace, or null when it could not be asked. */
  locate(traceId: string): Promise<string | null>
}

const maxMs = 3_000
const maxBytes = 2_000_000

/** Without an address no trace is ever held. Which of the two stores answers there is found out by asking both. */
export function createTraces(url: string | undefined): Traces {
  return {
    async find(traceIds) {
      if (!url) return null
      const signal = AbortSignal.timeout(maxMs)
      const answers = await Promise.all(traceIds.map((id) => askStores(url, id, signal)))
      return answers.includes(null) ? null : answers.flatMap((answer) => answer?.spans ?? [])
    },
    async locate(traceId) {
      const answer = url ? await askStores(url, traceId, AbortSignal.timeout(maxMs)) : null
      return answer && url + answer.store.path(traceId)
    },
  }
}

type Answer = { store: Store; spans: Span[] }

async function askStores(url: string, traceId: string, signal: AbortSignal): Promise<Answer | null> {
  const answers = await Promise.all(stores.map((store) => ask(url, store, traceId, signal).catch(() => null)))
  return answers.find((answer) => answer && answer.spans.length > 0) ?? answers.find((answer) => answer) ?? null
}

/** Both stores say 404 to a path they do not know, in plain text; Jaeger says it of a trace, too, and then in JSON. */
async function ask(url: string, store: Store, traceId: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url + store.path(traceId), { headers: { accept: 'application/json' }, signal })
  const answer: unknown = JSON.parse(await readBody(response))
  return { store, spans: response.ok ? store.read(answer) : [] }
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`a trace of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
