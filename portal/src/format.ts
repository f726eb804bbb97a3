// Numbers, shares, days and ages as text.
import type { Rate } from 'contract/analytics'
import type { Days } from './analytics.ts'

/** Below this many sessions a share is shown without decimals and with its interval. */
export const smallSample = 100

const locale = 'en-US'
const whole = new Intl.NumberFormat(locale)
const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const percents = [0, 1].map(
  (digits) =>
    new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }),
)
const date = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'short', day: 'numeric' })
const dateWithYear = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
})
const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' })

export const nothing = '–'

export const formatCount = (count: number): string => whole.format(count)
export const formatAverage = (value: number | null): string => (value === null ? nothing : tenths.format(value))
export const formatClock = (at: number): string => clock.format(at)

function percent(value: number, denominator: number): string {
  return percents[denominator < smallSample ? 0 : 1]?.format(value) ?? nothing
}

export function formatRate({ value, denominator }: Rate): string {
  return value === null ? nothing : percent(value, denominator)
}

/** The interval of a share that rests on few sessions, else null. */
export function formatInterval({ low, high, denominator }: Rate): string | null {
  if (typeof low !== 'number' || typeof high !== 'number' || denominator === 0 || denominator >= smallSample)
    return null
  return `likely ${percent(low, denominator).replace('%', '')}–${percent(high, denominator)}`
}

export function formatDays({ from, to }: Days): string {
  const first = Date.parse(from)
  const last = Date.parse(to)
  return from === to ? dateWithYear.format(last) : dateWithYear.formatRange(first, last)
}

export const formatDay = (day: string): string => date.format(Date.parse(day))

/** How long ago, counted in words that need not be exact. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000))
  if (seconds < 3) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`
}
