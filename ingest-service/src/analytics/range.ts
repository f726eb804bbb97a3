// The days a question is about, in the tenant's time zone.
import { keptDays } from 'contract/limits'
import { Problem } from '../problem.ts'

/** ISO dates, both inclusive. */
export type Range = { from: string; to: string }

const defaultDays = 30
const dayMs = 86_400_000

const isoDate = /^\d{4}-\d{2}-\d{2}$/
const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / dayMs
const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** How many days a range has. */
export const daysOf = ({ from, to }: Range): number => dayNumber(to) - dayNumber(from) + 1

/** Today's date in a time zone. */
export const todayIn = (timeZone: string, now: Date): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)

/** The range asked for; what is missing is filled so that 30 days end today. @throws Problem `invalid_query` */
export function readRange(query: { from?: string; to?: string }, timeZone: string, now: Date): Range {
  const to = query.to ?? todayIn(timeZone, now)
  requireDate('to', to)
  const from = query.from ?? dateOf(dayNumber(to) - defaultDays + 1)
  requireDate('from', from)
  const days = daysOf({ from, to })
  if (days < 1) throw new Problem('invalid_query', `from (${from}) is after to (${to})`)
  if (days > keptDays)
    throw new Problem('invalid_query', `from and to are ${days} days apart; at most ${keptDays} are answered`)
  return { from, to }
}

/** As many days just before, or null where they are not held whole any more: `held` days before today are. */
export function previousRange({ from, to }: Range, timeZone: string, now: Date, held: number): Range | null {
  const start = dayNumber(from) - daysOf({ from, to })
  if (start < dayNumber(todayIn(timeZone, now)) - held) return null
  return { from: dateOf(start), to: dateOf(dayNumber(from) - 1) }
}

function requireDate(name: string, value: string): void {
  const day = dayNumber(value)
  // "2026-02-30" parses in some engines and not in others; writing it back tells
  if (!isoDate.test(value) || Number.isNaN(day) || dateOf(day) !== value) {
    throw new Problem('invalid_query', `${name} must be a date such as 2026-11-23`)
  }
}
