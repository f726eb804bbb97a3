// When a batch leaves. What the service simply takes is done; every other answer is for settlement.ts, which comes later.
import type { Batch } from 'contract/envelope'
import { batchMs, maxBatchBytes, maxBatchEvents, maxVersionLength } from 'contract/limits'
import { now } from './clock.ts'
import type { Later } from './core.ts'
import type { Log, Options } from './options.ts'
import type { Queue, Waiting } from './queue.ts'
import { type Answer, post } from './transport.ts'

/** What stands around the events, at most: key, version, time and a report. */
const envelopeBytes = 1_024
const batchBytes = maxBatchBytes - envelopeBytes
/**
 * At hide the 64 KiB are shared with the page's own beacons and our spans, and one byte too many refuses a whole body:
 * of several small ones some pass where a large one does not.
 */
const leavingBytes = maxBatchBytes / 8 - envelopeBytes

export type Settle = (answer: Answer, body: Batch, batch: Waiting[]) => void

export function createDelivery(
  queue: Queue,
  { siteKey, endpoint, widgetVersion }: Options,
  granted: () => boolean,
  openLater: () => Promise<Later | undefined>,
  log: Log,
) {
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Each resolves when what follows from its answer is done. */
  const requests = new Set<Promise<void>>()
  const delivery = {
    requests,
    /** Batches taken, and those that failed since. */
    taken: 0,
    failures: 0,
    maxEvents: maxBatchEvents,
    /** Until the timer rings nothing leaves, not even with a page that goes. */
    onHold: false,
    /** For the rest of the page view nothing leaves. */
    silenced: false,
    maySend: () => !delivery.silenced && granted(),
    wakeIn(delayMs: number) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        timer = undefined
        delivery.onHold = false
        queue.keep()
        flush()
      }, delayMs)
    },
    /** In half a minute, unless something is set already; the first time sooner, so that the batches of many pages spread. */
    schedule() {
      timer ?? delivery.wakeIn(batchMs * (delivery.taken ? 1 : Math.random()))
    },
    flush,
  }

  /** All that waits: one batch after the other, or side by side when the page is leaving. */
  function flush(leaving = false) {
    if (delivery.onHold || !delivery.maySend() || (!leaving && (requests.size || (delivery.failures && timer)))) return
    do {
      const dropped = queue.report()
      const batch = queue.take(leaving ? leavingBytes : batchBytes, delivery.maxEvents)
      if (!batch.length && (leaving || !dropped)) return
      const body: Batch = {
        site_key: siteKey,
        // a longer one would cost whole batches
        widget_version: widgetVersion?.slice(0, maxVersionLength),
        sent_at: new Date(now()).toISOString(),
        dropped,
        events: batch.map(({ event }) => event),
      }
      const request = send(body, batch, leaving)
        .catch(log)
        .then(() => {
          requests.delete(request)
          for (const entry of batch) entry.flying = false
          if (queue.queued().length) delivery.failures ? delivery.schedule() : flush()
        })
      requests.add(request)
    } while (leaving)
  }

  async function send(body: Batch, batch: Waiting[], leaving: boolean) {
    for (const entry of batch) entry.flying = true
    const answer = await post(
      `${endpoint}/api/v1/widget/events`,
      JSON.stringify(body),
      // a first failure may be the page's own requests filling the keepalive budget: the next try does without, and dies with the page
      leaving || !delivery.failures,
      leaving,
    )
    log('sent', batch, answer)
    if (answer.verdict?.rejected?.length === 0) {
      delivery.failures = 0
      delivery.taken++
      queue.remove(batch, body.dropped)
    } else {
      delivery.failures++
      const later = await openLater()
      later?.settle(answer, body, batch)
    }
  }
  return delivery
}

export type Delivery = ReturnType<typeof createDelivery>
