// The events that wait to be sent: bounded, and in the store from the moment they happen. One queue per page load.
import type { Dropped, WireEvent } from 'contract/envelope'
import type { immediateTypes } from 'contract/events'
import { maxBatchBytes, maxEventAgeMs } from 'contract/limits'
import type { DropReason } from 'contract/refusals'
import { clockOffsetMs } from './clock.ts'
import { randomHex } from './random.ts'
import { keysOf, read, write } from './storage.ts'
import { shiftUuid7, uuid7 } from './uuid7.ts'

/** Room for hours of a busy page without a network; the page's own data shares the same 5 MB of storage. */
const maxQueueBytes = 4 * maxBatchBytes
/** How long a queue is left alone after its page was last heard of: hidden pages may sleep a minute between two timers. */
export const graceMs = 120_000
const keyPrefix = 'leadlight:queue:'

const immediate: Record<(typeof immediateTypes)[number], 1> = { lead_captured: 1, quote_requested: 1, widget_error: 1 }
export const isImmediate = ({ type }: WireEvent): boolean => type in immediate

export type Waiting = {
  event: WireEvent
  bytes: number
  /** On its way by a request that outlives the page. */
  flying?: boolean
}
type Stored = {
  site: string
  /** Until then its page promises to come back to it; afterwards any page of the site may adopt it. By the raw clock. */
  aliveUntilMs: number
  /** The correction under which the ids were made. */
  offsetMs: number
  reports: Dropped[]
  events: WireEvent[]
}

/** Bytes as they travel: UTF-8. */
export const byteLength = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

/** The longest run from the front that fits; events in a JSON array stand a comma apart. */
export function fitting(waiting: Waiting[], roomBytes: number, maxEvents: number): Waiting[] {
  let bytes = -1
  const end = waiting.findIndex((entry) => {
    bytes += entry.bytes + 1
    return bytes > roomBytes
  })
  return waiting.slice(0, end < 0 ? maxEvents : Math.min(end, maxEvents))
}

const shift = (event: WireEvent, byMs: number): WireEvent => ({
  ...event,
  id: shiftUuid7(event.id, byMs),
  session_id: shiftUuid7(event.session_id, byMs),
})

export function createQueue(site: string, mayStore: () => boolean) {
  // made in memory at each load, so that a duplicated tab never shares a queue
  const key = keyPrefix + randomHex(8)
  let waiting: Waiting[] = []
  let aliveMs = graceMs
  // what was given up: reports that may not change any more, because the service counts each once, then one that grows
  let reports: Dropped[] = []
  let sealed = 0

  function save() {
    const stored: Stored = {
      site,
      aliveUntilMs: Date.now() + aliveMs,
      offsetMs: clockOffsetMs(),
      reports,
      events: waiting.map(({ event }) => event),
    }
    if (mayStore()) write('localStorage', key, waiting.length + reports.length ? stored : undefined)
  }

  function enter(event: WireEvent) {
    waiting.push({ event, bytes: byteLength(event) })
    while (waiting.reduce((sum, { bytes }) => sum + bytes, 0) > maxQueueBytes) {
      const oldest = waiting.findIndex((entry) => !isImmediate(entry.event))
      waiting.splice(Math.max(oldest, 0), 1)
      count('queue_overflow')
    }
  }

  function count(reason: DropReason) {
    reports[sealed] ??= { report_id: uuid7(), counts: {} }
    const { counts } = reports[sealed] as Dropped
    counts[reason] = (counts[reason] ?? 0) + 1
  }

  function adopt(stored: Stored) {
    for (const event of stored.events) enter(shift(event, clockOffsetMs() - stored.offsetMs))
    reports.unshift(...stored.reports)
    sealed += stored.reports.length
    // before theirs goes: stopped in between, both hold the events, and the service stores each id once
    save()
  }

  function adoptAll() {
    for (const other of keysOf(keyPrefix)) {
      const stored = read<Stored>('localStorage', other)
      if (other === key || !stored || Date.now() < stored.aliveUntilMs) continue
      // another contractor's on the same site: their page will come for it, or never
      if (stored.site !== site && Date.now() < stored.aliveUntilMs + maxEventAgeMs) continue
      try {
        if (stored.site === site) adopt(stored)
      } catch {
        // not as we write it: it goes all the same
      }
      write('localStorage', other)
    }
  }

  return {
    add(event: WireEvent) {
      enter(event)
      save()
    },
    /** What fits into one batch, without what is on its way already; leads, quotes and errors first. */
    take(roomBytes: number, maxEvents: number): Waiting[] {
      const ready = waiting.filter(({ flying }) => !flying)
      ready.sort((a, b) => +isImmediate(b.event) - +isImmediate(a.event))
      return fitting(ready, roomBytes, maxEvents)
    },
    /** Events that wait, and reports. */
    size: () => waiting.length + reports.length,
    /** The service has them, or never will. */
    remove(done: Waiting[]) {
      waiting = waiting.filter((entry) => !done.includes(entry))
      save()
    },
    /** One event is given up. */
    count,
    /** All ids at another time, because the clock was wrong when they were made. */
    shift(byMs: number) {
      for (const entry of waiting) entry.event = shift(entry.event, byMs)
      save()
    },
    /** The report to send next. */
    report(): Dropped | undefined {
      sealed ||= +(reports.length > 0)
      return reports[0]
    },
    reported(report: Dropped | undefined) {
      if (report && report === reports[0]) {
        reports.shift()
        sealed--
      }
    },
    /** Takes over what earlier pages of this site left behind, under a lock where there are locks: not by two at once. */
    async adopt() {
      if (!mayStore()) return
      if (navigator.locks) await navigator.locks.request(keyPrefix, { ifAvailable: true }, (lock) => lock && adoptAll())
      else adoptAll()
    },
    /** Promises to come back within this time; 0 when the page leaves, so that whoever comes next may have the queue. */
    keep(forMs = graceMs) {
      aliveMs = forMs
      save()
    },
    clear() {
      waiting = []
      reports = []
      sealed = 0
      for (const one of keysOf(keyPrefix)) write('localStorage', one)
    },
  }
}

export type Queue = ReturnType<typeof createQueue>
