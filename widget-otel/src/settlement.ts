// What becomes of a batch that was not simply taken: some of it rejected, a clock that is wrong, too much at once, no answer.
import type { Batch, Verdict } from 'contract/envelope'
import { clockToleranceMs, maxBatchEvents } from 'contract/limits'
import type { Core } from './core.ts'
import type { Settle } from './delivery.ts'
import { graceMs, type Waiting } from './queue.ts'
import { shiftEvent } from './shift.ts'
import { shiftUuid7 } from './uuid7.ts'

const firstRetryMs = 1_000
const maxRetryMs = 5 * 60_000
const maxRetryAfterMs = 15 * 60_000
/** After so many failures on end the batch itself is suspected: someone on the way may choke on one of its events. */
const suspiciousFailures = 3
/** An event is given up when it failed alone so often although others were taken in between. */
const maxFailuresAlone = 5

/** Full jitter, so that the visitors of a service that comes back do not come back together. */
export const retryDelayMs = (failures: number, askedMs: number, random = Math.random()): number =>
  Math.min(askedMs, maxRetryAfterMs) + random * Math.min(firstRetryMs * 2 ** failures, maxRetryMs)

/** `Retry-After`, seconds or a date, in milliseconds; 0 without one. */
export const retryAfterMs = (header: string | null | undefined): number =>
  Math.max(Number(header) * 1_000 || Date.parse(header ?? '') - Date.now() || 0, 0)

export function createSettlement({ queue, delivery, session, clock, log }: Core): Settle {
  /** Not now: the batch stays, and is tried again. */
  function postpone(batch: Waiting[], askedMs: number) {
    if (delivery.failures % suspiciousFailures === 0) suspect(batch)
    const delayMs = retryDelayMs(delivery.failures - 1, askedMs)
    log('again in', delayMs)
    delivery.onHold = askedMs > 0
    queue.keep(delayMs + graceMs)
    delivery.wakeIn(delayMs)
  }

  function suspect(batch: Waiting[]) {
    delivery.maxEvents = Math.max(batch.length >> 1, 1)
    const [alone] = batch
    if (!alone || batch.length > 1) return
    // while nothing at all is taken it is not the event's fault
    if (alone.takenBefore !== delivery.taken) {
      alone.takenBefore = delivery.taken
      alone.failures = (alone.failures ?? 0) + 1
      if (alone.failures >= maxFailuresAlone) return giveUp(batch, 'too_many_retries')
    }
    // to the end in any case, so that it holds up no other: were it always first, nothing else would ever be taken
    const waiting = queue.queued()
    waiting.push(...waiting.splice(waiting.indexOf(alone), 1))
  }

  function giveUp(batch: Waiting[], reason: 'rejected' | 'too_many_retries') {
    for (const _ of batch) queue.count(reason)
    queue.remove(batch)
  }

  function judge({ sent_at, dropped }: Batch, batch: Waiting[], { rejected, server_time }: Verdict) {
    delivery.taken++
    delivery.maxEvents = Math.min(delivery.maxEvents * 2, maxBatchEvents)
    const serverMs = Date.parse(server_time)
    const isWrong = (ms: number) => Math.abs(serverMs - ms) > clockToleranceMs
    const kept = new Set<Waiting | undefined>()
    for (const { index, reason } of rejected) {
      const outOfTime = reason === 'id_time_out_of_range'
      if (outOfTime && isWrong(Date.parse(sent_at))) kept.add(batch[index])
      else queue.count(outOfTime ? 'expired' : 'rejected')
    }
    const nowMs = Date.now() + clock.correctionMs
    // the answer to another batch may have corrected the clock, and these events with it, since this one was sent
    if (kept.size && isWrong(nowMs)) correctClock(serverMs - nowMs)
    queue.remove(
      batch.filter((entry) => !kept.has(entry)),
      dropped,
    )
  }

  function correctClock(byMs: number) {
    clock.correctionMs += byMs
    for (const entry of queue.queued()) entry.event = shiftEvent(entry.event, byMs)
    const visit = session.load()
    if (visit)
      session.save({
        ...visit,
        id: shiftUuid7(visit.id, byMs),
        seenMs: visit.seenMs + byMs,
        offsetMs: clock.correctionMs,
      })
  }

  return ({ response, verdict }, body, batch) => {
    const status = response?.status ?? 0
    const isTaken = Array.isArray(verdict?.rejected)
    if (isTaken) judge(body, batch, verdict)
    else if (status === 413 && batch.length > 1) delivery.maxEvents = batch.length >> 1
    else if (status === 400 || status === 413 || status === 415) giveUp(batch, 'rejected')
    else if (status < 400 || status === 429 || (status > 501 && status < 505))
      return postpone(batch, retryAfterMs(response?.headers.get('retry-after')))
    // an unknown key, a foreign origin, an answer that is not the service's: all is kept for the next page view
    else {
      delivery.silenced = true
      log('silent after', status)
    }
    delivery.failures = 0
  }
}
