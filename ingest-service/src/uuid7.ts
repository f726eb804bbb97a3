// Reads UUIDv7, the identity and clock of events and sessions (RFC 9562 §5.7).
import { uuid7Pattern } from 'contract/envelope'

const uuid7 = new RegExp(uuid7Pattern)

export const isUuid7 = (value: unknown): value is string => typeof value === 'string' && uuid7.test(value)

/** The moment inside a UUIDv7, in milliseconds since 1970. */
export const uuid7Ms = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
