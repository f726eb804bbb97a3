// Posts visits to the service over kept-alive connections as fast as it answers, bounded in time and count: a process by itself.
import { connect, type Socket } from 'node:net'
import type { Tenant } from './database.ts'
import { type Load, runLoad } from './job.ts'
import { makeVisit, origin, visitEvents, widgetVersion } from './visits.ts'

export type HttpJob = Load & { port: number; tenants: Tenant[] }

const job = JSON.parse(process.argv[2] ?? '') as HttpJob

await runLoad(job, async (connection) => {
  const requests = makeRequests(connection)
  const socket = await open()
  return {
    close: () => socket.destroy(),
    next: () => {
      const request = requests.pop()
      return request && (() => post(socket, request))
    },
  }
})

/** All of a connection's requests, made before the clock starts. Each connection is one visitor after the other. */
function makeRequests(connection: number): Buffer[] {
  const count = Math.ceil(job.maxCalls / job.connections)
  const requests: Buffer[] = []
  const nowMs = Date.now()
  while (requests.length < count) {
    const events = makeVisit(nowMs)
    const { siteKey } = job.tenants[(connection + requests.length) % job.tenants.length]!
    for (let start = 0; start < visitEvents; start += job.eventsPerCall)
      requests.push(encode(siteKey, nowMs, events.slice(start, start + job.eventsPerCall)))
  }
  return requests.reverse()
}

function encode(siteKey: string, nowMs: number, events: unknown[]): Buffer {
  const sent_at = new Date(nowMs).toISOString()
  const body = JSON.stringify({ site_key: siteKey, sent_at, widget_version: widgetVersion, events })
  const head = [
    'POST /api/v1/widget/events HTTP/1.1',
    `host: 127.0.0.1:${job.port}`,
    `origin: ${origin}`,
    'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
    'content-type: text/plain;charset=UTF-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: job.port, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

/** Posts and reads one answer; a client as small as this leaves the machine to what is measured. @returns the events acknowledged */
function post(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const settle = (use: () => void) => {
      socket.removeAllListeners()
      // an error after the last answer is nobody's
      socket.on('error', () => {})
      use()
    }
    const fail = (reason: string) => settle(() => reject(new Error(reason)))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      const body = answer.indexOf('\r\n\r\n') + 4
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1])
      if (body < 4 || !(answer.length >= body + length)) return
      const accepted = /"accepted":(\d+)/.exec(answer)?.[1]
      if (!answer.startsWith('HTTP/1.1 200') || accepted === undefined) fail(`The service answered ${answer}`)
      else settle(() => resolve(Number(accepted)))
    })
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => fail('The service closed a connection'))
    socket.write(request)
  })
}
