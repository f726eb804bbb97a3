// Requests that were spans before somebody broke them: in both encodings, a few bytes changed, cut, or said twice.
import { call, makeSpan } from './forger.ts'

export type Noise = { body: Buffer; type: string }

const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
const fixed64 = (number: number, value: string) => {
  const bytes = Buffer.alloc(9, (number << 3) | 1)
  bytes.writeBigUInt64LE(BigInt(value), 1)
  return bytes
}

/** `ExportTraceServiceRequest { ResourceSpans { ScopeSpans { Span } } }`; every part is shorter than 128 bytes. */
function protobuf(): Buffer {
  const { traceId, spanId, name, ...times } = makeSpan('api_call') as ReturnType<typeof makeSpan> &
    Record<string, string>
  const span = [
    field(1, Buffer.from(traceId, 'hex')),
    field(2, Buffer.from(spanId, 'hex')),
    field(5, Buffer.from(name)),
    fixed64(7, times.startTimeUnixNano as string),
    fixed64(8, times.endTimeUnixNano as string),
  ]
  return [2, 2, 1].reduce((inner, number) => field(number, inner), Buffer.concat(span))
}

const json = () => Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [call(true)] }] }] }))

/** The same for the same seed, but for ids and times. */
export function* makeNoise(count: number, seed: number): Generator<Noise> {
  let state = seed >>> 0
  /** A whole number below `limit`. */
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  for (let made = 0; made < count; made++) {
    const whole = made % 2 ? json() : protobuf()
    for (let changes = below(6); changes >= 0; changes--) whole[below(whole.length)] = below(256)
    const cut = whole.subarray(0, below(4) ? whole.length : below(whole.length))
    const body = below(8) ? cut : Buffer.concat([cut, cut.subarray(below(cut.length + 1))])
    yield { body, type: made % 2 ? 'application/json' : 'application/x-protobuf' }
  }
}
