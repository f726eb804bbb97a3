// What dashboards are asked about all that is held, and how long the answers take.
import { keptDays } from 'contract/limits'
import type { Context } from 'grafana/macros'
import type { Run } from './bench.ts'
import type { Figure } from './figure.ts'
import { median } from './statistics.ts'

const dayMs = 86_400_000
/** What a person waits for without wondering. */
const patienceMs = 2_000
/** Points of a graph as wide as a screen. */
const points = 1_080

export type Question = { title: string; ask: () => Promise<unknown> }
export type Answered = { title: string; ms: number }

/** As Grafana asks about everything up to `to`. */
export function contextOf(to: Date, variables: Record<string, string>): Context {
  const intervalSeconds = Math.round((keptDays * dayMs) / 1_000 / points)
  return { from: new Date(to.getTime() - keptDays * dayMs), to, intervalSeconds, variables }
}

/** Each one alone, the median of its rounds. */
export async function time({ rounds, say }: Run, questions: Question[]): Promise<Answered[]> {
  const times: Answered[] = []
  for (const { title, ask } of questions) {
    const ms: number[] = []
    // the first one warms up
    for (let round = 0; round <= rounds; round++) {
      const startedMs = performance.now()
      await ask()
      if (round > 0) ms.push(performance.now() - startedMs)
    }
    times.push({ title, ms: median(ms) })
    say(`${title}: ${median(ms).toFixed(1)} ms`)
  }
  return times
}

export function slowest(what: string, times: Answered[]): Figure {
  const [first] = times.toSorted((a, b) => b.ms - a.ms)
  return {
    what: `${what}, ${keptDays} days`,
    value: first?.ms ?? Number.NaN,
    unit: 'ms',
    budget: { most: patienceMs },
    beside: `${first?.title}; median of ${times.length}: ${median(times.map(({ ms }) => ms)).toFixed(0)} ms`,
  }
}
