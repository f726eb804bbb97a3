// Ids of events and sessions for tests, of whatever moment they need.
let counter = 0

/** A UUIDv7 of a moment (RFC 9562 §5.7); later calls give larger ids within the same millisecond. */
export function uuid7(ms: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, '0')
  const count = (counter++ % 0x1000).toString(16).padStart(3, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-8${crypto.randomUUID().slice(20)}`
}
