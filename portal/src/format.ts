// Numbers, shares, days and ages as text.
import type { Rate } from 'contract/analytics'
import type { Days } from './analytics.ts'
import { locale, say } from './messages.ts'

/** Below this many sessions a share is shown without decimals and with its interval. */
const smallSample = 100

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
const shortMilliseconds = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' })

export const nothing = '–'

export const formatCount = (count: number): string => whole.format(count)
export const formatAverage = (value: number | null): string => (value === null ? nothing : tenths.format(value))
/** A share without its sample, rounded to whole percents. */
export function formatShare(share: number): string {
  const text = percents[0]?.format(Math.max(share, 0.01)) ?? nothing
  return share > 0 && share < 0.01 ? say('underOne', { share: text }) : percents[0]!.format(share)
}

/** A time that somebody waited: milliseconds below one second, tenths of seconds above. */
export function formatWait(ms: number | null): string {
  if (ms === null) return nothing
  return ms < 1_000
    ? say('milliseconds', { count: Math.round(ms) })
    : say('seconds', { count: shortMilliseconds.format(ms / 1_000) })
}

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
  return say('likely', {
    low: percent(low, denominator).replace(/\s?%/, ''),
    high: percent(high, denominator),
  })
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
  if (seconds < 3) return say('ageNow')
  if (seconds < 60) return say('ageSeconds', { age: seconds })
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? say('ageMinutes', { age: minutes }) : say('ageHours', { age: Math.floor(minutes / 60) })
}

/** A moment's day and time, or its time alone to the second, in the tenant's time zone. */
export function formatMoment(iso: string, timeZone: string): string {
  return zoned(timeZone, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(Date.parse(iso))
}
export const formatHour = (iso: string, timeZone: string): string =>
  zoned(timeZone, { hour: 'numeric' }).format(Date.parse(iso))
export const formatSecond = (iso: string, timeZone: string): string =>
  zoned(timeZone, { hour: 'numeric', minute: '2-digit', second: '2-digit' }).format(Date.parse(iso))
export const formatZonedDay = (iso: string, timeZone: string): string =>
  zoned(timeZone, { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' }).format(Date.parse(iso))

const formats = new Map<string, Intl.DateTimeFormat>()
function zoned(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options)
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone })
  formats.set(key, format)
  return format
}
