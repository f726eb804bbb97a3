// How much one address, one key and one tenant may send. Each process counts for itself.
import { isIPv6 } from 'node:net'
import { createBucket } from './bucket.ts'
import { Problem } from './problem.ts'

export type LimitSettings = {
  addressRequestsPerMinute: number
  keyEventsPerSecond: number
  tenantEventsPerDay: number
  keySpanBytesPerSecond: number
}

export type Limits = {
  /** @throws Problem `rate_limited` */
  admitRequest(address: string): void
  /** The batch is admitted or refused whole. @throws Problem `rate_limited` */
  admitEvents(siteKey: string, tenantId: string, events: number, hasLead: boolean): void
  /** @throws Problem `rate_limited` */
  admitSpans(siteKey: string, address: string, bytes: number): void
}

/** A page that was offline sends what it held at once. */
const burstSeconds = 10
const dayMs = 86_400_000

/** A limit of 0 is none. */
export function createLimits(
  settings: LimitSettings,
  now: () => number = Date.now,
  seeAddress: (address: string) => void = () => {},
): Limits {
  const { addressRequestsPerMinute, keyEventsPerSecond, tenantEventsPerDay, keySpanBytesPerSecond } = settings
  const requests = createBucket(addressRequestsPerMinute / 60, addressRequestsPerMinute, now)
  const events = createBucket(keyEventsPerSecond, keyEventsPerSecond * burstSeconds, now)
  const spanBytes = createBucket(keySpanBytesPerSecond, keySpanBytesPerSecond * burstSeconds, now)
  let day = 0
  const today = new Map<string, number>()

  function admitDay(tenantId: string, count: number, hasLead: boolean): void {
    if (tenantEventsPerDay === 0) return
    const current = Math.floor(now() / dayMs)
    if (current !== day) {
      day = current
      today.clear()
    }
    const total = (today.get(tenantId) ?? 0) + count
    // the last tenth is for what the contractor would miss most
    if (total > tenantEventsPerDay * (hasLead ? 1 : 0.9)) {
      throw new Problem(
        'rate_limited',
        "This tenant's events of today are used up",
        ((day + 1) * dayMs - now()) / 1_000,
      )
    }
    today.set(tenantId, total)
  }

  return {
    admitRequest(address) {
      seeAddress(address)
      refuseFor(requests.take(networkOf(address), 1), 'This address sends too many requests')
    },
    admitEvents(siteKey, tenantId, count, hasLead) {
      refuseFor(events.take(siteKey, count), 'This site key sends too many events')
      admitDay(tenantId, count, hasLead)
    },
    admitSpans(siteKey, address, bytes) {
      refuseFor(
        spanBytes.take(`${siteKey} ${networkOf(address)}`, bytes),
        'This site key sends too many spans from here',
      )
    },
  }
}

function refuseFor(waitMs: number, detail: string): void {
  if (waitMs > 0) throw new Problem('rate_limited', detail, waitMs / 1_000)
}

/** The address, or the /64 of an IPv6 address: that is what one customer of a provider has at least. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
