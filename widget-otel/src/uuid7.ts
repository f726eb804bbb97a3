// Makes and reads UUIDv7 (RFC 9562 §5.7): identity and time of events and sessions in one.
import { now } from './clock.ts'
import { hex, randomHex } from './random.ts'

/** A clock that steps back by less than this does not disturb the order of ids. */
const stepBackMs = 10_000

let lastMs = 0

// cut by hand: a pattern would have to be compiled while the page starts
function withTime(ms: number, rest: string) {
  const time = hex(ms, 12)
  return `${time.slice(0, 8)}-${time.slice(8)}${rest}`
}

/** A new id, greater than every id this page made before, unless the clock stepped back by more than 10 s. */
export function uuid7(): string {
  const nowMs = now()
  // within one millisecond the next id takes the next millisecond: no page makes so many that this would show
  lastMs = nowMs > lastMs || nowMs < lastMs - stepBackMs ? nowMs : lastMs + 1
  return uuid7At(lastMs)
}

/** A new id of a given moment: a session must not begin a millisecond after the event it begins with. */
export function uuid7At(ms: number): string {
  const random = randomHex(3)
  return withTime(ms, `-7${random.slice(0, 3)}-8${random.slice(9, 12)}-${random.slice(12)}`)
}

/** The moment inside an id, in milliseconds since 1970. */
export const uuid7Ms = (id: string): number => Number.parseInt(id.replace('-', ''), 16)

/** The same id at another time: its random bits are kept. */
export const shiftUuid7 = (id: string, byMs: number): string => withTime(uuid7Ms(id) + byMs, id.slice(13))
