// Checks what the operator typed before anything is done with it.
import { InvalidArgumentError } from 'commander'

/** An origin as browsers send it: scheme, host, port, nothing behind. */
function readOrigin(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new InvalidArgumentError('An origin looks like https://www.example.com')
  }
  if (!/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '').toLowerCase()) {
    throw new InvalidArgumentError(`An origin has no path and no user: did you mean ${url.origin}?`)
  }
  return url.origin
}

/** Gathers an option that may be given more than once, or with several values. */
export const collectOrigins = (text: string, previous: string[] = []): string[] => [...previous, readOrigin(text)]

/**
 * The name as it was typed, in its usual case. What `Intl` makes of it may be an older name (`Asia/Calcutta`), which a
 * database on Debian does not know. https://github.com/docker-library/postgres/issues/1361
 */
export function readTimeZone(text: string): string {
  try {
    // PostgreSQL reads offsets the other way round
    if (/^[+-]/.test(text)) throw new RangeError('an offset')
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    return timeZone.toLowerCase() === text.toLowerCase() ? timeZone : text
  } catch {
    throw new InvalidArgumentError('A time zone looks like Europe/Vienna')
  }
}

export function readName(text: string): string {
  const name = text.trim()
  if (name.length < 1 || name.length > 200) throw new InvalidArgumentError('A name has 1 to 200 characters')
  return name
}

/** A tenant's or a session's id. */
export function readId(text: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new InvalidArgumentError('An id is a UUID; `leadlight tenant list` shows those of tenants')
  }
  return text.toLowerCase()
}

export function readDate(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('A date looks like 2026-11-23')
  return text
}

const secondsOf = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** A duration such as `30d`, `12h`, `90m` or `0s`, in seconds. */
export function readDuration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (!count || !unit) throw new InvalidArgumentError('A duration looks like 30d, 12h, 90m or 0s')
  return Number(count) * secondsOf[unit as keyof typeof secondsOf]
}

/** Addresses with commas between them, or `off` for none. */
export function readAddresses(text: string): string[] {
  if (text === 'off') return []
  const addresses = text.split(',').map((address) => address.trim())
  const wrong = addresses.find(
    (address) => address.length > 254 || !/^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/.test(address),
  )
  if (wrong !== undefined)
    throw new InvalidArgumentError(`"${wrong}" is no address: name@example.com,other@example.com, or off`)
  return [...new Set(addresses)]
}
