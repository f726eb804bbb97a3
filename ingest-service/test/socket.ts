// Bytes on a socket, for what no HTTP client would send.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'

export type Conversation = {
  socket: Socket
  send(bytes: string | Buffer): void
  /** All that was answered by the time the other side closed. */
  answered: Promise<string>
}

export async function converse(t: Test, port: number): Promise<Conversation> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  t.teardown(() => socket.destroy())
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  const answered = new Promise<string>((resolve) => {
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
  await once(socket, 'connect')
  return { socket, send: (bytes) => socket.write(bytes), answered }
}

export const eventsHead = (length: number, more: string[] = []): string =>
  [
    'POST /api/v1/widget/events HTTP/1.1',
    'host: leadlight',
    'content-type: text/plain',
    `content-length: ${length}`,
    ...more,
    '',
    '',
  ].join('\r\n')
