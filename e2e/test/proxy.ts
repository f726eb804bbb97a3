// A TCP proxy that breaks connections as networks do, at the moment a test chooses.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'

export type Fault =
  /** What the client sends is lost with its connection, before the server has it. */
  | { kind: 'cut request'; when?: Moment }
  /** The server does what it is asked; its answer is lost with the connection. */
  | { kind: 'cut answer'; when?: Moment }
  /** Nothing goes through any more and nobody is told, as when a cable is pulled. */
  | { kind: 'stall' }
  /** Every piece arrives so much later. */
  | { kind: 'slow'; ms: number }
  /** Connections are reset, new ones too. */
  | { kind: 'reset' }

/** Whether this piece of what a client sends is one to be cut. */
type Moment = (sent: Buffer) => boolean

export type Proxy = {
  port: number
  /** How often the fault that is set was felt by somebody. */
  felt(): number
  /** Breaks connections from now on, those that are open too. */
  set(fault: Fault): void
  heal(): void
}

const always: Moment = () => true

/** Listens on loopback and passes on to this port. `isComplete` tells whether an answer of the server ends here. */
export async function startProxy(t: Test, port: number, isComplete: (answer: Buffer) => boolean): Promise<Proxy> {
  let fault: Fault | undefined
  let felt = 0
  const pairs = new Set<[Socket, Socket]>()

  function reset(pair: [Socket, Socket]): void {
    felt++
    for (const socket of pair) socket.resetAndDestroy()
  }

  const server = createServer((client) => {
    client.on('error', () => {})
    // with the cable pulled nobody reaches the server at all
    if (fault?.kind === 'stall') return void felt++
    const upstream = connect({ host: '127.0.0.1', port })
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const [socket, other] of [pair, pair.toReversed() as typeof pair]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        if (other.destroyed) pairs.delete(pair)
        else if (fault?.kind !== 'stall') other.destroy()
      })
    }
    if (fault?.kind === 'reset') return reset(pair)
    // the request under way is one whose answer is to be lost
    let doomed = false
    relay(client, upstream, (sent) => {
      if (fault?.kind === 'cut request' && (fault.when ?? always)(sent)) reset(pair)
      else if (fault?.kind === 'cut answer' && (fault.when ?? always)(sent)) doomed = true
      return !client.destroyed
    })
    relay(upstream, client, (answer) => {
      if (doomed && isComplete(answer)) reset(pair)
      return !doomed
    })
  })

  /** Passes on in order what `judge` lets through. */
  function relay(from: Socket, to: Socket, judge: (piece: Buffer) => boolean): void {
    let last = Promise.resolve()
    from.on('data', (piece) => {
      last = last.then(async () => {
        if (fault?.kind === 'slow') {
          felt++
          await setTimeout(fault.ms)
        }
        if (fault?.kind === 'stall') {
          felt++
          // lost, as is all that follows: a stream with a hole in it is of no use to anyone
          from.removeAllListeners('data').resume()
          return
        }
        if (judge(piece)) to.write(piece)
      })
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    felt: () => felt,
    set(next) {
      fault = next
      felt = 0
      if (next.kind === 'reset') for (const pair of pairs) reset(pair)
    },
    heal() {
      fault = undefined
      for (const pair of pairs) if (pair.some(({ destroyed }) => destroyed)) for (const socket of pair) socket.destroy()
    },
  }
}
