// Asks the trace store for the spans of some traces, within bounds: a visitor may have sent any amount of them.

import type { Span } from './otlp.ts'
import { jaeger, type Store, tempo } from './stores.ts'

export type Traces = {
  /** The spans held of these traces, or null when the store could not be asked. */
  find(traceIds: string[]): Promise<Span[] | null>
}

const maxMs = 3_000
const maxBytes = 2_000_000

/** Without an address no trace is ever held. Which of the two stores answers there is found out by asking both. */
export function createTraces(url: string | undefined): Traces {
  return {
    async find(traceIds) {
      if (!url) return null
      const signal = AbortSignal.timeout(maxMs)
      try {
        const found = await Promise.all(traceIds.map((id) => findTrace(url, id, signal)))
        return found.flat()
      } catch {
        return null
      }
    },
  }
}

async function findTrace(url: string, traceId: string, signal: AbortSignal): Promise<Span[]> {
  const answers = await Promise.all([jaeger, tempo].map((store) => ask(url, store, traceId, signal)))
  if (answers.every((answer) => answer === null)) throw new Error('no trace store answers there')
  return answers.find((answer) => answer && answer.length > 0) ?? []
}

/** Null when this is not the kind of store that answers there. */
async function ask(url: string, store: Store, traceId: string, signal: AbortSignal): Promise<Span[] | null> {
  const response = await fetch(url + store.path(traceId), { headers: { accept: 'application/json' }, signal })
  const body = await readBody(response)
  // both stores say 404 for a path they do not know; Jaeger says it for a trace, too, and then in JSON
  if (!response.headers.get('content-type')?.includes('json')) return null
  return response.ok ? store.read(JSON.parse(body)) : []
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
