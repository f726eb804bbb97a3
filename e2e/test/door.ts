// The service's public address as visitors reach it: a reverse proxy that can be down, lose answers, or answer by itself.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'

export type Fault =
  /** Nobody is there. */
  | { kind: 'down' }
  /** The service does what it is asked, and its answer is lost. */
  | { kind: 'answer lost' }
  /** Everything takes so much longer. */
  | { kind: 'slow'; ms: number }
  /** Something else answers. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }

export type Door = {
  url: string
  /** Bodies of the POSTs that came, by path. */
  received: { path: string; body: string }[]
  /** Paths of the POSTs that were done and whose answers were lost. */
  lost: string[]
  /** From now on for what is posted; scripts are always served. */
  set(fault: Fault): void
  heal(): void
}

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'content-type,x-site-key',
  'access-control-expose-headers': 'retry-after',
}

export async function openDoor(t: Test, serviceUrl: string): Promise<Door> {
  let fault: Fault | undefined
  const received: Door['received'] = []
  const lost: Door['lost'] = []

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    const isPost = incoming.method === 'POST'
    if (isPost) received.push({ path: incoming.url ?? '', body: body.toString() })
    const met = incoming.method === 'GET' ? undefined : fault
    if (met?.kind === 'down') return void incoming.socket.resetAndDestroy()
    if (met?.kind === 'slow') await setTimeout(met.ms)
    if (met?.kind === 'answer' && isPost)
      return void response.writeHead(met.status, { ...cors, ...met.headers }).end(met.body)
    const forwarded = request(serviceUrl + incoming.url, { method: incoming.method, headers: incoming.headers })
    forwarded.end(body)
    const [answer]: IncomingMessage[] = await once(forwarded, 'response')
    const answered = await buffer(answer!)
    if (met?.kind === 'answer lost' && isPost) {
      incoming.socket.resetAndDestroy()
      lost.push(incoming.url ?? '')
    } else response.writeHead(answer!.statusCode ?? 502, answer!.headers).end(answered)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => incoming.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    lost,
    set(next) {
      fault = next
    },
    heal() {
      fault = undefined
    },
  }
}
