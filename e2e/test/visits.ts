// Ninety days of a contractor's visitors, the same ones each time: sent late, sent twice, around midnight, and when the clocks change.
import type { EventType } from 'contract/events'
import type { Row } from 'ingest-service/writer'

export const seededDays = 90
export const timeZone = 'America/New_York'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const visitsPerDay = 26

const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset', hour: 'numeric' })
const offsetAt = (ms: number) => offset.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value

/** When the clocks there last went forward or back; undefined when the days before that are not all among the seeded ones. */
export function lastClockChange(nowMs: number): number | undefined {
  for (let ms = Math.floor(nowMs / hourMs) * hourMs; ms > nowMs - (seededDays - 20) * dayMs; ms -= hourMs)
    if (offsetAt(ms) !== offsetAt(ms - hourMs)) return ms
  return undefined
}

/** A generator that gives the same numbers each time (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const sources = ['google', 'newsletter', 'www.facebook.com', 'bing.com', null]
const pages = ['/', '/roof-repair', '/services/gutters', '/contact', '/blog/how-to-read-an-estimate']
const devices = ['phone', 'phone', 'phone', 'desktop', 'desktop', 'tablet']

/** In no order: rows arrive as the network lets them. About one in twenty comes twice. */
export function makeRows(tenantId: string, nowMs: number): Row[] {
  const random = createRandom(7)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  const uuid7 = (ms: number): string => {
    const time = Math.floor(ms).toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`
  }
  const rows: Row[] = []

  function visit(startMs: number): void {
    const sessionId = uuid7(startMs)
    const traceId = hex(32)
    const page = pick(pages)
    const source = pick(sources)
    let atMs = startMs
    const add = (type: EventType, properties: object): void => {
      atMs += 500 + Math.floor(random() * 20_000)
      if (atMs > nowMs) return
      // the clock of some visitors is off, and the service has corrected when it happened
      const id = uuid7(random() < 0.02 ? atMs + hourMs : atMs)
      const moment = new Date(atMs)
      const row = { tenantId, id, type, sessionId, occurredAt: moment, page, traceId, spanId: hex(16) }
      rows.push({ ...row, widgetVersion: '1.4.2', properties: JSON.stringify(properties) })
    }
    const from = source?.includes('.') ? { referrer_host: source } : source ? { utm_source: source } : {}
    const load = () => ({ load_ms: Math.round(180 + random() ** 4 * 4_000), device: pick(devices), ...from })
    if (random() > 0.02) add('widget_loaded', load())
    if (random() < 0.3) add('widget_loaded', load())
    if (random() > 0.4) return
    add('widget_opened', { trigger: 'click', after_ms: Math.round(random() * 30_000) })
    const messages = Math.floor(random() * 7)
    for (let position = 1; position <= messages; position++) {
      add('message_sent', { position, response_ms: Math.round(300 + random() ** 3 * 5_000) })
    }
    if (random() < 0.04) {
      add('widget_error', {
        error_type: 'TimeoutError',
        source: 'api',
        operation: 'send_message',
        message: 'no answer',
      })
    }
    if (messages === 0 || random() > 0.7) return
    add('estimate_generated', { duration_ms: Math.round(700 + random() ** 3 * 6_000), amount: 8_400, currency: 'USD' })
    if (random() > 0.5) return
    add('lead_captured', { contact: pick(['phone', 'email', 'form'] as const) })
    if (random() < 0.5)
      add('quote_requested', { service: pick(['roof_repair', 'gutters']), amount: 7_900, currency: 'USD' })
  }

  for (let back = seededDays + 1; back >= 0; back--) {
    const day = nowMs - back * dayMs
    const busy = visitsPerDay * (0.7 + random() * 0.5) * (1 + (seededDays - back) / seededDays / 2)
    for (let i = 0; i < busy; i++) visit(day - random() * dayMs)
    // midnight there is 4 or 5 o'clock UTC: visits that begin on one day and end on the next
    const midnights = [4, 5].map((hour) => Math.floor(day / dayMs) * dayMs + hour * hourMs)
    for (const midnight of midnights) for (const before of [40_000, 20_000, 1, 0]) visit(midnight - before)
  }
  // within the hour that the clocks showed twice or not at all, and within the hour before and after
  const change = lastClockChange(nowMs)
  if (change) for (let minute = -120; minute < 60; minute += 7) visit(change + minute * 60_000)
  // even a day that has only just begun has somebody
  for (let i = 0; i < 3; i++) visit(nowMs - 30_000)

  const kept = rows.filter(({ occurredAt }) => occurredAt.getTime() <= nowMs)
  return shuffle([...kept, ...kept.filter(() => random() < 0.05)], random)
}

function shuffle<T>(values: T[], random: () => number): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    const value = values[i]!
    values[i] = values[other]!
    values[other] = value
  }
  return values
}
