// A week in five sentences that claim no more than the numbers hold.
import type { FunnelType, Rate, Step } from 'contract/analytics'
import type { Report } from './report.ts'

/** 95 % of a normal distribution lies within this many standard errors. */
const z95 = 1.96
/** Steps reached by fewer visits say nothing about where visitors stop. */
const fewestAtStep = 10

const beforeStep: Record<FunnelType, string> = {
  widget_loaded: 'seeing the widget',
  widget_opened: 'opening the widget',
  message_sent: 'writing a message',
  estimate_generated: 'getting an estimate',
  lead_captured: 'leaving their contact',
  quote_requested: 'asking for a quote',
}

/** Five sentences; two for a week in which nobody came. */
export function describeWeek({ numbers, before, steps, leads, leadsWithErrors }: Report): string[] {
  if (numbers.sessions === 0)
    return [
      before
        ? `Nobody loaded your widget last week, after ${plural(before.sessions, 'visit')} the week before.`
        : 'Nobody loaded your widget last week.',
      'Is it still on your pages? Your portal shows when each of your addresses last sent something.',
    ]
  const { engagement_rate: engagement, lead_capture_rate: lead, quote_request_rate: quote } = numbers
  return [
    `${plural(numbers.sessions, 'visit')} loaded your widget${compareCounts(numbers.sessions, before?.sessions)}.`,
    `It was opened in ${numberOf(engagement)}${compareRates(engagement, before?.engagement_rate)}.`,
    lead.denominator === 0
      ? 'So nobody left a contact or asked for a quote.'
      : `Of those who opened it, ${numberOf(lead)} left a contact${compareRates(lead, before?.lead_capture_rate)}, and ${numberOf(quote)} asked for a quote.`,
    describeDrop(steps),
    describeErrors(leads, leadsWithErrors),
  ]
}

/** Counts are compared as Poisson counts. */
export function compareCounts(now: number, before: number | undefined): string {
  if (before === undefined) return ', and there is no week before to compare with'
  const difference = Math.abs(now - before)
  if (difference <= z95 * Math.sqrt(now + before)) return `, about the same as the week before (${format(before)})`
  return `, ${now > before ? 'more' : 'fewer'} than the week before (${format(before)})`
}

/** Two shares differ only when their Wilson intervals do not overlap. */
export function compareRates(now: Rate, before: Rate | undefined): string {
  if (!before || now.value === null || before.value === null) return ''
  const words = (text: string): string => `, ${text} the week before (${percent(before.value!)})`
  if (now.low! > before.high!) return words('a larger share than')
  if (now.high! < before.low!) return words('a smaller share than')
  return words('about the same as')
}

/** Where the largest share of those who reached a step stopped; most who see a widget only pass by, so that counts last. */
export function describeDrop(steps: Step[]): string {
  const drops = steps.flatMap(({ type, of_previous }) =>
    of_previous && of_previous.denominator >= fewestAtStep && of_previous.numerator < of_previous.denominator
      ? [{ type, lost: of_previous.denominator - of_previous.numerator, reached: of_previous.denominator }]
      : [],
  )
  const afterOpening = drops.filter(({ type }) => type !== 'widget_opened')
  const [biggest] = (afterOpening.length > 0 ? afterOpening : drops).sort(
    (a, b) => b.lost / b.reached - a.lost / a.reached,
  )
  if (!biggest) return 'Too few visits came to say where they stop.'
  return `The biggest drop${afterOpening.length > 0 ? ' after that' : ''} is before ${beforeStep[biggest.type]}: ${format(biggest.lost)} of the ${format(biggest.reached)} who came that far stopped there.`
}

function describeErrors(leads: number, withErrors: number): string {
  if (leads === 0) return 'There was no lead that a fault of the widget could have touched.'
  if (withErrors === 0)
    return leads === 1 ? 'The one lead met no fault.' : `None of the ${format(leads)} leads met a fault of the widget.`
  const who = leads === 1 ? 'The one lead' : `${format(withErrors)} of the ${format(leads)} leads`
  return `${who} met a fault of the widget on the way; your portal shows which.`
}

const format = (count: number): string => count.toLocaleString('en-US')
const plural = (count: number, noun: string): string => `${format(count)} ${noun}${count === 1 ? '' : 's'}`
const percent = (value: number): string => value.toLocaleString('en-US', { style: 'percent', maximumFractionDigits: 0 })
/** Such as "15 (43%)"; a share alone would hide how few there are. */
const numberOf = ({ value, numerator }: Rate): string =>
  numerator === 0 ? 'none' : `${format(numerator)} (${percent(value ?? 0)})`
