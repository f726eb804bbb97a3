// What the numbers say in words, careful not to claim more than they hold.
import type { FunnelType, Rate, Ratio, Step } from 'contract/analytics'
import { formatAverage, formatCount, formatRate } from './format.ts'

export type Change = { direction: 'up' | 'down' | 'same' | 'none'; text: string }

/** 95 % of a normal distribution lies within this many standard errors. */
const z95 = 1.96
/** Steps reached by fewer sessions say nothing about where visitors stop. */
const minStepSessions = 10

export const stepNames: Record<FunnelType, string> = {
  widget_loaded: 'Saw the widget',
  widget_opened: 'Opened it',
  message_sent: 'Wrote a message',
  estimate_generated: 'Got an estimate',
  lead_captured: 'Left contact details',
  quote_requested: 'Asked for a quote',
}

const beforeStep: Record<FunnelType, string> = {
  widget_loaded: 'seeing the widget',
  widget_opened: 'opening the widget',
  message_sent: 'writing a message',
  estimate_generated: 'getting an estimate',
  lead_captured: 'leaving contact details',
  quote_requested: 'asking for a quote',
}

/**
 * Counts are compared as Poisson counts. When the last of `days` is not over yet, falling short is judged against the days
 * that are: an unfinished day can put a count ahead, never behind.
 */
export function compareCounts(now: number, before: number, days: number, unfinished: boolean): Change {
  const surely = (a: number, b: number) => a - b > z95 * Math.sqrt(a + b)
  if (surely(now, before)) {
    return {
      direction: 'up',
      text: before === 0 ? 'up from none' : `up ${share(now / before - 1)} from ${formatCount(before)}`,
    }
  }
  const due = unfinished ? (before * (days - 1)) / days : before
  if (surely(due, now))
    return { direction: 'down', text: `down ${share(1 - now / before)} from ${formatCount(before)}` }
  if (unfinished && days === 1) return { direction: 'none', text: `${formatCount(before)} in all of the day before` }
  return { direction: 'same', text: `about the same as before (${formatCount(before)})` }
}

/** Two shares differ only when their intervals do not overlap. */
export function compareRates(now: Rate, before: Rate): Change {
  if (now.value === null || before.value === null) return incomparable
  const [low, high] = [now.low ?? now.value, now.high ?? now.value]
  const [lowBefore, highBefore] = [before.low ?? before.value, before.high ?? before.value]
  if (low > highBefore) return { direction: 'up', text: `up from ${formatRate(before)}` }
  if (high < lowBefore) return { direction: 'down', text: `down from ${formatRate(before)}` }
  return { direction: 'same', text: `about the same as before (${formatRate(before)})` }
}

/** Lengths of conversations spread about like a geometric distribution, whose variance is m(m − 1). */
export function compareAverages(now: Ratio, before: Ratio): Change {
  if (now.value === null || before.value === null) return incomparable
  const spread = [now, before].reduce((sum, { value, denominator }) => {
    const mean = Math.max(value ?? 0, 1.1)
    return sum + (mean * (mean - 1)) / denominator
  }, 0)
  const difference = now.value - before.value
  if (Math.abs(difference) <= z95 * Math.sqrt(spread)) {
    return { direction: 'same', text: `about the same as before (${formatAverage(before.value)})` }
  }
  return difference > 0
    ? { direction: 'up', text: `up from ${formatAverage(before.value)}` }
    : { direction: 'down', text: `down from ${formatAverage(before.value)}` }
}

const incomparable: Change = { direction: 'none', text: 'nothing before to compare with' }

export type Drop = { type: FunnelType; lost: number; reached: number }

/** The step that loses the largest share of those who reached the one before it; null while too few have. */
export function findBiggestDrop(steps: Step[]): Drop | null {
  let biggest: Drop | null = null
  for (const { type, of_previous } of steps) {
    if (!of_previous || of_previous.denominator < minStepSessions) continue
    const reached = of_previous.denominator
    const lost = reached - of_previous.numerator
    if (lost > 0 && (!biggest || lost / reached > biggest.lost / biggest.reached)) biggest = { type, lost, reached }
  }
  return biggest
}

/** Most people who see a widget are only passing, so when that is the biggest drop the next one is named as well. */
export function describeDrop(steps: Step[]): string {
  const biggest = findBiggestDrop(steps)
  if (!biggest) return 'Too few visits so far to say where visitors stop.'
  const sentence = `The biggest drop comes before ${beforeStep[biggest.type]}: ${stopped(biggest)}.`
  const next = biggest.type === steps[1]?.type ? findBiggestDrop(steps.slice(2)) : null
  return next ? `${sentence} After that, most are lost before ${beforeStep[next.type]}: ${stopped(next)}.` : sentence
}

function stopped({ lost, reached }: Drop): string {
  return `${formatCount(lost)} of ${formatCount(reached)} visits stop there (${share(lost / reached)})`
}

function share(value: number): string {
  return value > 0 && value < 0.01 ? 'under 1%' : `${formatCount(Math.round(value * 100))}%`
}
