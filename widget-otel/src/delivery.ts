// When a batch leaves, and what the service's answer means for its events.
import type { Batch, Verdict } from 'contract/envelope'
import { batchMs, clockToleranceMs, maxBatchBytes, maxBatchEvents } from 'contract/limits'
import { clockOffsetMs, now, setClockOffset } from './clock.ts'
import { byteLength, graceMs, type Queue, type Waiting } from './queue.ts'
import { post } from './transport.ts'

const firstRetryMs = 1_000
const maxRetryMs = 5 * 60_000
const maxRetryAfterMs = 15 * 60_000
/** At hide the 64 KiB are shared with the page's own beacons and our spans, and one byte too many refuses a whole body. */
const leavingBytes = maxBatchBytes / 2

/** Full jitter, so that the visitors of a service that comes back do not come back together. */
export const retryDelayMs = (failures: number, askedMs: number, random = Math.random()): number =>
  Math.min(askedMs, maxRetryAfterMs) + random * Math.min(firstRetryMs * 2 ** failures, maxRetryMs)

export type DeliveryOptions = {
  url: string
  envelope: Pick<Batch, 'site_key' | 'widget_version'>
  maySend: () => boolean
  clockCorrected: (byMs: number) => void
  /** The service takes nothing more from this page view. */
  refused: () => void
  log: (...words: unknown[]) => void
}

export function createDelivery(
  queue: Queue,
  { url, envelope, maySend, clockCorrected, refused, log }: DeliveryOptions,
) {
  const requests = new Set<Promise<void>>()
  // so that the batches of many pages spread over the half minute
  const phaseMs = Math.random() * batchMs
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  /** The service asked for the pause, so that even a leaving page keeps to it. */
  let asked = false
  let maxEvents = maxBatchEvents
  let again = false
  let silent = false

  function wakeIn(delayMs: number) {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      asked = false
      queue.keep()
      queue
        .adopt()
        .catch(log)
        .then(() => flush())
    }, delayMs)
  }

  /** The next turn of this page's half minute, unless something is set already. */
  function schedule() {
    if (!silent) timer ?? wakeIn(batchMs - ((performance.now() + phaseMs) % batchMs))
  }

  /** All that waits: one batch after the other, or side by side when the page is leaving. */
  function flush(leaving = false) {
    if (silent || !maySend() || asked || (failures && timer && !leaving)) return
    again = requests.size > 0 && !leaving
    if (again) return
    for (let more = true; more; more = leaving) {
      const body: Batch = { ...envelope, sent_at: new Date(now()).toISOString(), dropped: queue.report(), events: [] }
      const batch = queue.take((leaving ? leavingBytes : maxBatchBytes) - byteLength(body), maxEvents)
      if (!batch.length && (leaving || !body.dropped)) return
      const request = send({ ...body, events: batch.map(({ event }) => event) }, batch, leaving)
        .catch(log)
        .then(() => {
          requests.delete(request)
          if (again) flush()
          else if (queue.size()) schedule()
        })
      requests.add(request)
    }
  }

  async function send(body: Batch, batch: Waiting[], leaving: boolean) {
    // a first failure may be the page's own requests filling the keepalive budget: the next try does without, and dies with the page
    const keepalive = leaving || !failures
    for (const entry of batch) entry.flying = keepalive
    const { status, verdict, retryMs = 0 } = await post(url, JSON.stringify(body), keepalive, leaving)
    for (const entry of batch) entry.flying = false
    log('sent', batch.length, status, verdict)

    again ||= queue.size() > batch.length
    if (Array.isArray(verdict?.rejected)) {
      failures = 0
      maxEvents = Math.min(maxEvents * 2, maxBatchEvents)
      queue.reported(body.dropped)
      settle(body, batch, verdict)
    } else if (status === 413 && batch.length > 1) {
      maxEvents = batch.length >> 1
      again = true
    } else if (status === 400 || status === 413 || status === 415) {
      for (const _ of batch) queue.count('rejected')
      queue.remove(batch)
    } else if (status < 400 || status === 429 || (status > 501 && status < 505)) {
      asked = retryMs > 0
      const delayMs = retryDelayMs(failures++, retryMs)
      queue.keep(delayMs + graceMs)
      if (!silent) wakeIn(delayMs)
    } else {
      // an unknown key, a foreign origin, an answer that is not the service's: all is kept for the next page view
      stop()
      refused()
    }
  }

  function settle({ sent_at }: Batch, batch: Waiting[], { rejected, server_time }: Verdict) {
    const serverMs = Date.parse(server_time)
    const isWrong = (ms: number) => Math.abs(serverMs - ms) > clockToleranceMs
    const kept = new Set<Waiting | undefined>()
    for (const { index, reason } of rejected) {
      const outOfTime = reason === 'id_time_out_of_range'
      if (outOfTime && isWrong(Date.parse(sent_at))) kept.add(batch[index])
      else queue.count(outOfTime ? 'expired' : 'rejected')
    }
    queue.remove(batch.filter((entry) => !kept.has(entry)))
    again ||= kept.size > 0
    // the answer to another batch may have corrected the clock, and these events with it, since this one was sent
    if (!kept.size || !isWrong(now())) return
    const byMs = serverMs - now()
    setClockOffset(clockOffsetMs() + byMs)
    queue.shift(byMs)
    clockCorrected(byMs)
  }

  function stop() {
    silent = true
    clearTimeout(timer)
  }

  return {
    flush,
    schedule,
    /** Sends what waits, then nothing more; resolves when every request has its answer. */
    async stop() {
      flush(true)
      stop()
      await Promise.all(requests)
    },
  }
}
