// The real collector with the real configuration, for tests; and spans to send it.
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tenantHeader } from 'contract/spans'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import type { Test } from 'tap'
import { type Server, startServer } from './server.ts'

export const configFile = fileURLToPath(new URL('../config.yaml', import.meta.url))

export type Attribute = { key: string; value: Record<string, unknown> }
export type Span = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind?: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes?: Attribute[]
  [field: string]: unknown
}

export type Collector = Server & {
  /** What the gateway posts for one tenant; resolves to the status. */
  sendAsGateway(body: unknown, headers?: Record<string, string>): Promise<number>
  sendAsServer(body: unknown): Promise<number>
  /** The Prometheus text of the span metrics, or of the collector's own. */
  spanMetrics(): Promise<string>
  ownMetrics(): Promise<string>
  targets: { collector: string; 'widget-spans': string }
}

type Options = {
  storeUrl: string
  queue: string
  /** `path.to.key=value`, on top of the configuration. */
  set?: string[]
}

export async function startCollector(t: Test, { storeUrl, queue, set = [] }: Options): Promise<Collector> {
  const ports = {
    COLLECTOR_OTLP_PORT: `${await freePort()}`,
    COLLECTOR_INTERNAL_PORT: `${await freePort()}`,
    COLLECTOR_METRICS_PORT: `${await freePort()}`,
    COLLECTOR_SPAN_METRICS_PORT: `${await freePort()}`,
    COLLECTOR_HEALTH_PORT: `${await freePort()}`,
  }
  const file = fileURLToPath(new URL('../start.sh', import.meta.url))
  const args = ['--config', configFile, ...set.map((setting) => `--set=${setting}`)]
  const PATH = `${dirname(await toolPath('collector'))}:${process.env.PATH}`
  const env = { ...ports, PATH, COLLECTOR_QUEUE: queue, TRACE_STORE_OTLP: storeUrl }
  const server = await startServer(t, { file, args, env }, `http://127.0.0.1:${ports.COLLECTOR_HEALTH_PORT}`)
  const post = async (port: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    await response.body?.cancel()
    return response.status
  }
  const scrape = async (port: string) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return {
    ...server,
    sendAsGateway: (body, headers = { [tenantHeader]: 'tenant-a' }) => post(ports.COLLECTOR_OTLP_PORT, body, headers),
    sendAsServer: (body) => post(ports.COLLECTOR_INTERNAL_PORT, body),
    spanMetrics: () => scrape(ports.COLLECTOR_SPAN_METRICS_PORT),
    ownMetrics: () => scrape(ports.COLLECTOR_METRICS_PORT),
    targets: {
      collector: `127.0.0.1:${ports.COLLECTOR_METRICS_PORT}`,
      'widget-spans': `127.0.0.1:${ports.COLLECTOR_SPAN_METRICS_PORT}`,
    },
  }
}

/** A span of now that lasted 100 ms, except for what is given. */
export function makeSpan(name: string, fields: Partial<Span> = {}): Span {
  const startMs = Date.now() - 1_000
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 100}000000`,
    ...fields,
  }
}

export const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } })
export const integer = (key: string, intValue: number): Attribute => ({ key, value: { intValue } })

/** One OTLP request with all the spans in one scope of one resource. */
export const request = (
  spans: Span[],
  resource: Attribute[] = [text('service.name', 'estimate-widget')],
  scope = {},
) => ({
  resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope, spans }] }],
})
