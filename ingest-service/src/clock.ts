// When an event happened, by the server's clock.
import { clockToleranceMs, maxEventAgeMs, maxEventAheadMs } from 'contract/limits'

/** True when an id's own time is one that can be stored at all: not older than 7 days, not more than a day ahead. */
export const isStorableTime = (idMs: number, nowMs: number): boolean =>
  idMs >= nowMs - maxEventAgeMs && idMs <= nowMs + maxEventAheadMs

/**
 * The id's time, corrected by how far the visitor's clock is off (only when that is more than a minute: less is the
 * network), and kept within the 7 days before receipt. All in milliseconds since 1970.
 */
export function occurredAtMs(idMs: number, sentAtMs: number, nowMs: number): number {
  const skewMs = nowMs - sentAtMs
  const corrected = Math.abs(skewMs) > clockToleranceMs ? idMs + skewMs : idMs
  return Math.min(Math.max(corrected, nowMs - maxEventAgeMs), nowMs)
}
