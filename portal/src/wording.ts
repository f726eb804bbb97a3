// What the numbers say in words, careful not to claim more than they hold.
import type { FunnelType, Lead, Rate, Ratio, Step, Summary } from 'contract/analytics'
import type { EventType } from 'contract/events'
import { formatAverage, formatRate, formatShare } from './format.ts'
import { type Key, say } from './messages.ts'
import type { Dimension } from './place.ts'

export type Change = { direction: 'up' | 'down' | 'same' | 'none'; text: string }

/** 95 % of a normal distribution lies within this many standard errors. */
const z95 = 1.96
/** Steps reached by fewer sessions say nothing about where visitors stop. */
const minStepSessions = 10

export const stepNames: Record<FunnelType, string> = {
  widget_loaded: say('sawWidget'),
  widget_opened: say('opened'),
  message_sent: say('wrote'),
  estimate_generated: say('gotEstimate'),
  lead_captured: say('leftContact'),
  quote_requested: say('askedQuote'),
}

const beforeStep: Record<FunnelType, Key> = {
  widget_loaded: 'beforeSeeing',
  widget_opened: 'beforeOpening',
  message_sent: 'beforeWriting',
  estimate_generated: 'beforeEstimate',
  lead_captured: 'beforeContact',
  quote_requested: 'beforeQuote',
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
      text: before === 0 ? say('upFromNone') : say('upBy', { share: formatShare(now / before - 1), before }),
    }
  }
  const due = unfinished ? (before * (days - 1)) / days : before
  if (surely(due, now))
    return { direction: 'down', text: say('downBy', { share: formatShare(1 - now / before), before }) }
  if (unfinished && days === 1) return { direction: 'none', text: say('dayBefore', { before }) }
  return { direction: 'same', text: say('same', { before }) }
}

/** Two shares differ only when their intervals do not overlap. */
export function compareRates(now: Rate, before: Rate): Change {
  if (now.value === null || before.value === null) return incomparable
  const [low, high] = [now.low ?? now.value, now.high ?? now.value]
  const [lowBefore, highBefore] = [before.low ?? before.value, before.high ?? before.value]
  if (low > highBefore) return { direction: 'up', text: say('up', { before: formatRate(before) }) }
  if (high < lowBefore) return { direction: 'down', text: say('down', { before: formatRate(before) }) }
  return { direction: 'same', text: say('same', { before: formatRate(before) }) }
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
    return { direction: 'same', text: say('same', { before: formatAverage(before.value) }) }
  }
  return difference > 0
    ? { direction: 'up', text: say('up', { before: formatAverage(before.value) }) }
    : { direction: 'down', text: say('down', { before: formatAverage(before.value) }) }
}

const incomparable: Change = { direction: 'none', text: say('nothingBefore') }

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
  if (!biggest) return say('tooFew')
  const sentence = say('biggestDrop', { step: say(beforeStep[biggest.type]), stopped: stopped(biggest) })
  const next = biggest.type === steps[1]?.type ? findBiggestDrop(steps.slice(2)) : null
  return next
    ? `${sentence} ${say('nextDrop', { step: say(beforeStep[next.type]), stopped: stopped(next) })}`
    : sentence
}

function stopped({ lost, reached }: Drop): string {
  return say('stopped', { lost, reached, share: formatShare(lost / reached) })
}

/** The first thing that is said: how many asked to be called back, and whether that is more than before. */
export function describeLeads(summary: Summary, { days, unfinished }: { days: number; unfinished: boolean }): string {
  const { previous } = summary
  const count = summary.lead_capture_rate.numerator
  const sentence = say('ledeQuotes', {
    leads: say('ledeLeads', { count }),
    count: summary.quote_request_rate.numerator,
  })
  if (!previous) return sentence
  const { text } = compareCounts(count, previous.lead_capture_rate.numerator, days, unfinished)
  return `${sentence} ${say('ledeChange', { change: text })}`
}

// maps: a stranger may write `constructor`
const deviceNames = new Map<string, Key>([
  ['phone', 'phone'],
  ['tablet', 'tablet'],
  ['desktop', 'desktop'],
])

export const dimensionNames: Record<Dimension, Key> = {
  device: 'filterDevice',
  source: 'filterSource',
  page: 'filterPage',
}

/** A value of a dimension as people call it; null stands for visits that did not say. */
export function nameOf(dimension: Dimension, value: string | null): string {
  if (value === null) return say('unknown')
  const key = dimension === 'device' ? deviceNames.get(value) : undefined
  return key ? say(key) : value
}

/** What each count of the trend is called. */
export const seriesNames: Record<EventType, Key> = {
  widget_loaded: 'seriesViews',
  widget_opened: 'seriesOpened',
  message_sent: 'seriesMessages',
  estimate_generated: 'seriesEstimates',
  lead_captured: 'seriesLeads',
  quote_requested: 'seriesQuotes',
  widget_error: 'seriesErrors',
}

/** How somebody wants to be called back. */
export const contactNames = new Map<string, Key>([
  ['email', 'contactEmail'],
  ['phone', 'contactPhone'],
  ['form', 'contactForm'],
  ['other', 'contactOther'],
])

/** A lead in a few words; a service is a word of the widget's own. */
export function describeLead({ type, properties }: Lead): string {
  const contact = contactNames.get(String(properties.contact))
  if (type === 'lead_captured') return contact ? `${say('leftContact')} ${say(contact)}` : say('leftContact')
  const service = properties.service
  return typeof service === 'string' ? `${say('askedQuote')}: ${service.replaceAll(/[_-]/g, ' ')}` : say('askedQuote')
}
