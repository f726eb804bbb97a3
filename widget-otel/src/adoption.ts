// Takes over what earlier pages of this site left behind: crashed, closed without a network, or never answered.
import { maxEventAgeMs } from 'contract/limits'
import type { DropReason } from 'contract/refusals'
import type { Core } from './core.ts'
import { exclusively, type Mirror } from './mirror.ts'
import { graceMs, keyPrefix, type Stored } from './queue.ts'
import { shiftEvent } from './shift.ts'
import { keysOf, read, write } from './storage.ts'

export function adoptQueues(core: Core, mirror: Mirror): void {
  const { queue, delivery, options, log } = core

  async function adopt() {
    if (!delivery.maySend()) return
    const mirrored = await mirror.read()
    // may have changed meanwhile, and what cannot be kept is not to be taken
    if (!delivery.maySend()) return
    const taken: string[] = []
    let isAnotherAlive = false
    for (const key of new Set([...keysOf(keyPrefix), ...mirrored.map(({ key }) => key)])) {
      const copy = mirrored.find((one) => one.key === key)
      const stored = read<Stored>('localStorage', key) ?? copy
      if (key === queue.key || !stored) continue
      // another contractor's on the same site: their page will come for it, or never
      const isOurs = stored.site === options.siteKey
      if (Date.now() < stored.aliveUntilMs + (isOurs ? 0 : maxEventAgeMs)) {
        isAnotherAlive ||= isOurs
        continue
      }
      try {
        if (isOurs) takeOver(stored)
        // both: after a kill what localStorage has is of an earlier moment
        if (isOurs && copy) takeOver(copy)
      } catch {
        // not as we write it: it goes all the same
      }
      write('localStorage', key)
      if (copy) taken.push(key)
    }
    mirror.settle(taken)
    // it may be a tab beside this one, or one that has crashed
    if (isAnotherAlive) setTimeout(run, graceMs)
  }

  function takeOver({ events, reports, lost = {}, offsetMs }: Stored) {
    queue.reports().push(...reports)
    for (const [reason, events] of Object.entries(lost))
      for (let counted = 0; counted < events; counted++) queue.count(reason as DropReason)
    // in the store before theirs goes: stopped in between, both hold the events, and the service stores each id once
    const known = queue.queued().map(({ event }) => event.id)
    const fresh = events
      .map((event) => shiftEvent(event, core.clock.correctionMs - offsetMs))
      .filter(({ id }) => !known.includes(id))
    queue.add(...fresh)
    log('adopted', fresh.length)
    delivery.flush()
  }

  const run = () => void exclusively(adopt).catch(log)
  run()
}
