// Stands where the trace store is and shows what leaves the collector.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { freePort } from 'stack/ports'
import type { Test } from 'tap'
import type { Attribute, Span } from './collector.ts'
import { until } from './server.ts'

export type Stored = {
  resource: { attributes?: Attribute[] }
  scope: { name?: string; version?: string; attributes?: Attribute[] }
  schemaUrls: (string | undefined)[]
  span: Span
}

/** What the collector must be told for the store to be able to read it. */
export const readable = ['browser', 'internal'].map((queue) => `exporters.otlp_http/${queue}.encoding=json`)

type ResourceSpans = {
  resource: Stored['resource']
  schemaUrl?: string
  scopeSpans: { scope: Stored['scope']; schemaUrl?: string; spans: Span[] }[]
}

export class Store {
  readonly #port: number
  readonly stored: Stored[] = []
  #server = this.#create()

  constructor(port: number) {
    this.#port = port
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`
  }

  async open() {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening')
  }

  async close() {
    this.#server.closeAllConnections()
    if (this.#server.listening) await once(this.#server.close(), 'close')
    this.#server = this.#create()
  }

  /** The span with this id, as soon as it has come. */
  find(spanId: string): Promise<Stored> {
    return until(`span ${spanId} is stored`, () => this.stored.find(({ span }) => span.spanId === spanId))
  }

  #create() {
    return createServer(async (request, response) => {
      // half a request: a collector that was killed, or we are closed; what it held is sent again
      const zipped = await buffer(request).catch(() => undefined)
      if (zipped === undefined) return
      const body = JSON.parse(gunzipSync(zipped).toString())
      for (const { resource, schemaUrl, scopeSpans } of body.resourceSpans as ResourceSpans[])
        for (const scoped of scopeSpans)
          for (const span of scoped.spans)
            this.stored.push({ resource, scope: scoped.scope, schemaUrls: [schemaUrl, scoped.schemaUrl], span })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  }
}

/** A store that is open until the test ends. */
export async function openStore(t: Test): Promise<Store> {
  const store = new Store(await freePort())
  await store.open()
  t.teardown(() => store.close())
  return store
}
