// The events that wait to be sent: bounded, and in the store from the moment they happen. One queue per page load.
import type { Dropped, WireEvent } from 'contract/envelope'
import type { DropReason } from 'contract/refusals'
import { clock } from './clock.ts'
import { randomHex } from './random.ts'
import { forget, write } from './storage.ts'
import { uuid7 } from './uuid7.ts'

/** Room for hours of a busy page without a network; the page's own data shares the same 5 MB of storage. */
export const maxWaiting = 500
/** How long a queue is left alone after its page was last heard of: hidden pages may sleep a minute between two timers. */
export const graceMs = 120_000
export const keyPrefix = 'leadlight:queue:'

/** By a pattern, which weighs less than the contract's list; a test holds it against that. */
export const isImmediate = ({ type }: WireEvent): boolean => /lead|quote|error/.test(type)

export type Waiting = {
  event: WireEvent
  /** On its way. */
  flying?: boolean
  /** How often it failed alone though others were taken since, and how many batches had been taken the last time. */
  failures?: number
  takenBefore?: number
}
export type Lost = Partial<Record<DropReason, number>>
/** A queue as it stands in the store. */
export type Stored = {
  site: string
  /** Until then its page promises to come back to it; afterwards any page of the site may adopt it. By the raw clock. */
  aliveUntilMs: number
  /** The correction under which the ids were made. */
  offsetMs: number
  /** What was given up: told in a report that does not change any more, because the service counts each once; and not yet. */
  reports: Dropped[]
  lost?: Lost
  events: WireEvent[]
}

/** Bytes as they travel: UTF-8. */
export const byteLength = ({ event }: Waiting): number => new TextEncoder().encode(JSON.stringify(event)).length

/** The longest run from the front that fits; events in a JSON array stand a comma apart. */
export function fitting(waiting: Waiting[], roomBytes: number, maxEvents: number): Waiting[] {
  let leftBytes = roomBytes + 1
  // measured here and not when they came: nothing of it is needed while a page starts
  return waiting.slice(0, maxEvents).filter((entry) => {
    if (leftBytes >= 0) leftBytes -= byteLength(entry) + 1
    return leftBytes >= 0
  })
}

export function createQueue(site: string, mayStore: () => boolean) {
  // made in memory at each load, so that a duplicated tab never shares a queue
  const key = keyPrefix + randomHex(2)
  let waiting: Waiting[] = []
  let aliveMs = graceMs
  let reports: Dropped[] = []
  let lost: Lost | undefined

  function store(events: WireEvent[], lost: Lost | undefined): boolean {
    return write(
      'localStorage',
      key,
      (events[0] || reports[0] || lost) &&
        ({
          site,
          aliveUntilMs: Date.now() + aliveMs,
          offsetMs: clock.correctionMs,
          reports,
          lost,
          events,
        } satisfies Stored),
    )
  }

  function save() {
    const events = waiting.map(({ event }) => event)
    if (!mayStore() || store(events, lost)) return
    // full: at least what a contractor lives on, and how many will be missing if this page ends before it has sent them
    const urgent = events.filter(isImmediate)
    store(urgent, { ...lost, storage_failed: events.length - urgent.length })
  }

  function count(reason: DropReason) {
    lost ??= {}
    lost[reason] = (lost[reason] ?? 0) + 1
  }

  return {
    key,
    /** Keeps these, in the store as well; the oldest go when there are too many. */
    add(...events: WireEvent[]) {
      for (const event of events) {
        waiting.push({ event })
        if (waiting.length > maxWaiting) {
          // the oldest that can be done without; were there none, the last one
          waiting.splice(
            waiting.findIndex((entry) => !isImmediate(entry.event)),
            1,
          )
          count('queue_overflow')
        }
      }
      save()
    },
    /** What fits into one batch, without what is on its way already; leads, quotes and errors first. */
    take(roomBytes: number, maxEvents: number): Waiting[] {
      const urgency = ({ event, failures }: Waiting) => +(isImmediate(event) && !failures)
      const ready = waiting.filter(({ flying }) => !flying).sort((a, b) => urgency(b) - urgency(a))
      return fitting(ready, roomBytes, maxEvents)
    },
    queued: () => waiting,
    /** The service has them, or never will. */
    remove(done: Waiting[], report?: Dropped) {
      reports = reports.filter((one) => one !== report)
      waiting = waiting.filter((entry) => !done.includes(entry))
      save()
    },
    /** One event is given up. */
    count,
    /** The report to send next. */
    report(): Dropped | undefined {
      if (!reports[0] && lost) {
        reports = [{ report_id: uuid7(), counts: lost }]
        lost = undefined
        // before it is sent: whoever adopts this queue must not tell the same under another id
        save()
      }
      return reports[0]
    },
    reports: () => reports,
    /**
     * Promises to come back within this time; 0 when the page leaves, so that whoever comes next may have the queue. A page
     * that has left promises nothing more, unless it is back.
     */
    keep(forMs = graceMs, beforeMs = aliveMs) {
      aliveMs = beforeMs && forMs
      save()
    },
    clear() {
      waiting = []
      reports = []
      lost = undefined
      forget(keyPrefix)
    },
  }
}

export type Queue = ReturnType<typeof createQueue>
