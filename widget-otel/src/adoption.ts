// Takes over what earlier pages of this site left behind: crashed, closed without a network, or never answered.
import { maxEventAgeMs } from 'contract/limits'
import type { DropReason } from 'contract/refusals'
import type { Core } from './core.ts'
import { graceMs, keyPrefix, type Stored } from './queue.ts'
import { shiftEvent } from './shift.ts'
import { keysOf, read, write } from './storage.ts'

export function adoptQueues(core: Core): void {
  const { queue, delivery, options, log } = core

  /** Under a lock, where there are locks: not by two pages at once. */
  async function adopt() {
    if (!delivery.maySend()) return
    if (navigator.locks) await navigator.locks.request(keyPrefix, { ifAvailable: true }, (lock) => lock && adoptAll())
    else adoptAll()
  }

  function adoptAll() {
    let isAnotherAlive = false
    for (const key of keysOf(keyPrefix)) {
      const stored = read<Stored>('localStorage', key)
      if (key === queue.key || !stored) continue
      // another contractor's on the same site: their page will come for it, or never
      const isOurs = stored.site === options.siteKey
      if (Date.now() < stored.aliveUntilMs + (isOurs ? 0 : maxEventAgeMs)) {
        isAnotherAlive ||= isOurs
        continue
      }
      try {
        if (isOurs) takeOver(stored)
      } catch {
        // not as we write it: it goes all the same
      }
      write('localStorage', key)
    }
    // it may be a tab beside this one, or one that has crashed
    if (isAnotherAlive) setTimeout(run, graceMs)
  }

  function takeOver({ events, reports, lost = {}, offsetMs }: Stored) {
    queue.reports().push(...reports)
    for (const [reason, events] of Object.entries(lost))
      for (let counted = 0; counted < events; counted++) queue.count(reason as DropReason)
    // in the store before theirs goes: stopped in between, both hold the events, and the service stores each id once
    queue.add(...events.map((event) => shiftEvent(event, core.clock.correctionMs - offsetMs)))
    log('adopted', events.length)
    delivery.flush()
  }

  const run = () => void adopt().catch(log)
  run()
}
