// How many events a page may record: a widget caught in a loop must not become a flood.
import type { EventType } from 'contract/events'

/** Ten a second. */
const msPerEvent = 100
const burst = 100

/** A bucket that refills all the time. Leads and quotes always pass: they are what a contractor lives on. */
export function createRateLimit() {
  let left = burst
  let askedMs = 0
  return (type: EventType): boolean => {
    const nowMs = performance.now()
    left = Math.min(burst, left + (nowMs - askedMs) / msPerEvent)
    askedMs = nowMs
    const passes = left >= 1 || /lead|quote/.test(type)
    if (passes) left--
    return passes
  }
}
