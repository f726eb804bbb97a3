// Makes and reads UUIDv7 (RFC 9562 §5.7): identity and time of events and sessions in one.
import { now } from './clock.ts'
import { randomHex } from './random.ts'

/** A clock that steps back by less than this does not disturb the order of ids. */
const stepBackMs = 10_000

let lastMs = 0
let counter = 0

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
const withTime = (ms: number, rest: string) => hex(ms, 12).replace(/^.{8}/, '$&-') + rest

/** A new id, greater than every id this page made before, unless the clock stepped back by more than 10 s. */
export function uuid7(): string {
  const nowMs = now()
  if (nowMs > lastMs || nowMs < lastMs - stepBackMs) {
    lastMs = nowMs
    // from 0…255, so that one millisecond has room for 3,840 more
    counter = Number(`0x${randomHex(1)}`)
  } else if (++counter > 0xfff) {
    lastMs++
    counter = 0
  }
  const random = randomHex(8)
  return withTime(
    lastMs,
    `-7${hex(counter, 3)}-${'89ab'[Number(`0x${random[3]}`) % 4]}${random.slice(0, 3)}-${random.slice(4)}`,
  )
}

/** The moment inside an id, in milliseconds since 1970. */
export const uuid7Ms = (id: string): number => Number.parseInt(id.replace('-', ''), 16)

/** A new id of a given moment: a session must not begin a millisecond after the event it begins with. */
export function uuid7At(ms: number): string {
  const id = uuid7()
  return shiftUuid7(id, ms - uuid7Ms(id))
}

/** The same id at another time: its random bits are kept. */
export const shiftUuid7 = (id: string, byMs: number): string => withTime(uuid7Ms(id) + byMs, id.slice(13))
