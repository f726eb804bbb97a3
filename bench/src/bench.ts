// What every bench is: a function that measures and gives figures back.
import type { Figure } from './figure.ts'

export type Settings = {
  /** How often each variant runs; the median counts. */
  rounds: number
  /** Length of one round of load. */
  seconds: number
  /** Rows that the reading benches make. */
  events: number
}

export type Run = Settings & {
  say: (line: string) => void
  /** Called in reverse order at the end, even when the bench fails or is interrupted. */
  teardown: (end: () => unknown) => void
  /** The same, after the last bench: for what several of them read. */
  teardownOfAll: (end: () => unknown) => void
}

export type Bench = { about: string; measure: (run: Run) => Promise<Figure[]> }
