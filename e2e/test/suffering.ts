// A watched stack suffers faults: it begins them, waits until each is told, ends them, and waits until all is well again.
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'
import type { Fault } from './faults.ts'
import type { Told, Watched } from './watched.ts'

/** Alerts besides the named ones that faults at the same time may raise. */
const extras = 1

export type Suffering = {
  /** Nothing fires, everybody is heard, nobody is told of anything: what has to be so before the first fault. */
  isWell(t: Test): Promise<void>
  /** Begins them, waits until all are told, ends them and waits until all is quiet. @returns the names of all that was told */
  suffer(t: Test, faults: Fault[], meanwhile?: () => Promise<unknown>): Promise<Set<string>>
}

export function suffering(watched: Watched, patienceMs: number): Suffering {
  const wait = (condition: () => Promise<boolean>) => waitFor(condition, { timeoutMs: patienceMs, intervalMs: 500 })
  const isQuiet = async () => (await watched.unquiet()).length === 0
  /** Every check of the canary has succeeded since. */
  const canaryThrough = (sinceMs: number) =>
    wait(
      async () =>
        (await watched.find(`leadlight_canary_last_success_timestamp_seconds > ${sinceMs / 1_000}`)).length === 4,
    )
  const allTold = async (since: Date): Promise<Told[]> =>
    (await Promise.all((['on-call', 'tickets'] as const).map((box) => watched.told(box, since)))).flat()

  return {
    async isWell(t) {
      t.ok(await canaryThrough(Date.now()), 'event, row, metric and trace')
      t.ok(await wait(isQuiet))
      // from here on: a stack that starts is not well yet
      const since = new Date()
      t.ok(await canaryThrough(since.getTime()), 'and once more')
      t.strictSame(await allTold(since), [], 'nobody was told of anything')
      t.ok(await wait(async () => (await watched.heartbeatMs()) > 0), 'the dead man hears')
    },

    async suffer(t, faults, meanwhile = async () => {}) {
      const since = new Date()
      const begunMs = new Map<Fault, number>()
      for (const fault of faults) {
        begunMs.set(fault, Date.now())
        await fault.begin()
      }
      await Promise.all(
        faults.map(async (fault) => {
          const { raises, box, what } = fault
          const isTold = async () =>
            (await watched.told(box, since)).some(
              ({ labels, status }) => labels.alertname === raises && status === 'firing',
            )
          t.ok(await wait(isTold), `${what}: ${raises}`)
          t.comment(`${what}: ${raises} after ${((Date.now() - (begunMs.get(fault) ?? 0)) / 1_000).toFixed(1)} s`)
        }),
      )
      await meanwhile()
      for (const fault of faults) await fault.end()
      const endedMs = Date.now()
      t.ok(await canaryThrough(endedMs), 'the canary comes through again')
      const isOver = await wait(isQuiet)
      t.ok(isOver, `and it is over${isOver ? '' : `, but for ${await watched.unquiet()}`}`)
      const names = new Set((await allTold(since)).map(({ labels }) => labels.alertname ?? ''))
      const others = [...names].filter(
        (name) => !faults.some(({ raises, brings }) => raises === name || brings?.includes(name)),
      )
      t.comment(`beside ${faults.map(({ raises }) => raises).join(', ')}: ${others.join(', ') || 'nothing'}`)
      t.comment(`all quiet ${((Date.now() - endedMs) / 1_000).toFixed(0)} s after the end`)
      t.ok(others.length <= extras, others.join(', '))
      return names
    },
  }
}
