// A service that serves the scripts and breaks, on the routes that a test names, in one of the ways in which services break.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { verdict } from './site.ts'

export type Route = 'script' | 'lazy part' | 'events' | 'spans'

/** Answers a request of the page in place of the service. */
type Fault = (response: ServerResponse, request: IncomingMessage) => unknown

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'content-type,x-site-key',
  'access-control-expose-headers': 'retry-after',
}
const html = '<!doctype html><title>Sign in</title><script>console.log("never run")</script>'
/** As a script, a comment; as an answer, no JSON. */
const hugeBody = Buffer.from(`/*${'x'.repeat(16 << 20)}*/`)

export const faults = {
  'never answers': () => undefined,
  'hangs up': (response) => response.socket?.destroy(),
  'hangs up half-way': (response) => {
    response.writeHead(200, { ...cors, 'content-type': 'text/javascript', 'content-length': '1000' })
    response.write('{"accepted":', () => response.socket?.destroy())
  },
  'answers with a page': (response) => response.writeHead(200, { ...cors, 'content-type': 'text/html' }).end(html),
  'answers with a page that pretends to be a script': (response) =>
    response.writeHead(200, { ...cors, 'content-type': 'text/javascript' }).end(html),
  'answers with JSON of another service': (response) =>
    response.writeHead(200, { ...cors, 'content-type': 'application/json' }).end('{"rejected":[null,7],"dropped":1}'),
  'answers hugely': (response) => response.writeHead(200, { ...cors, 'content-type': 'text/javascript' }).end(hugeBody),
  'fails with 500': (response) => response.writeHead(500, cors).end(html),
  'is behind a proxy that fails and knows no CORS': (response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end(html),
  'redirects in a circle': (response, request) => response.writeHead(307, { ...cors, location: request.url }).end(),
  'redirects to where nobody knows CORS': (response) =>
    response.writeHead(307, { ...cors, location: '/elsewhere' }).end(),
} satisfies Record<string, Fault>
export type FaultName = keyof typeof faults

export class BrokenService {
  origin = ''
  /** Stands in the script's place, if not itself. */
  script: string | undefined
  fault: Fault | undefined
  broken: Route[] = []
  /** How often each broken route was asked. */
  readonly asked: Partial<Record<Route, number>> = {}
  close: () => Promise<void> = async () => {}
}

export async function startBrokenService(t: Test, scripts: string): Promise<BrokenService> {
  const service = new BrokenService()
  const server = createServer(async (request, response) => {
    request.resume()
    const path = request.url ?? ''
    const route = routeOf(path)
    // a browser asks first whether it may send spans; only who knows no CORS fails there already
    if (request.method === 'OPTIONS' && service.fault !== faults['is behind a proxy that fails and knows no CORS'])
      return response.writeHead(204, cors).end()
    if (service.fault && route && service.broken.includes(route)) {
      service.asked[route] = (service.asked[route] ?? 0) + 1
      return service.fault(response, request)
    }
    if (request.method === 'POST') return response.writeHead(200, cors).end(JSON.stringify(verdict().body))
    const body = (route === 'script' && service.script) || (await readFile(scripts + path).catch(() => undefined))
    return response.writeHead(body ? 200 : 404, { ...(body && cors), 'content-type': 'text/javascript' }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  service.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  service.close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  t.teardown(service.close)
  return service
}

function routeOf(path: string): Route | undefined {
  if (path === '/widget.js') return 'script'
  if (path.startsWith('/widget-later-')) return 'lazy part'
  if (path === '/v1/traces') return 'spans'
  return path === '/api/v1/widget/events' ? 'events' : undefined
}
