// Which days are looked at: the presets, their place in the address, and what "today" is for the tenant.
import { keptDays } from 'contract/limits'
import type { Days } from './analytics.ts'
import { say } from './messages.ts'

export const presets = [
  { id: 'today', days: 1 },
  { id: '7d', days: 7 },
  { id: '30d', days: 30 },
  { id: '90d', days: 90 },
] as const
export type Preset = (typeof presets)[number]

export type Range = { preset: Preset } | { preset: null; days: Days }

export const defaultRange: Range = { preset: presets[2] }

const dayMs = 86_400_000

/** Today's ISO date in a time zone. */
export function todayIn(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)
}

/** Number of days from first to last, both counted. */
export function countDays({ from, to }: Days): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1
}

export function daysOf(range: Range, today: string): Days {
  return range.preset ? { from: addDays(today, 1 - range.preset.days), to: today } : range.days
}

/** What is wrong with the days in words for the person who chose them, or null. */
export function findFault({ from, to }: Days): string | null {
  if (!isDay(from) || !isDay(to)) return say('faultNoDay')
  if (from > to) return say('faultOrder')
  if (countDays({ from, to }) > keptDays) return say('faultTooMany', { count: keptDays })
  return null
}

export function readRange(query: string): Range {
  const asked = new URLSearchParams(query)
  const preset = presets.find(({ id }) => id === asked.get('range'))
  if (preset) return { preset }
  const days = { from: asked.get('from') ?? '', to: asked.get('to') ?? '' }
  return findFault(days) ? defaultRange : { preset: null, days }
}

/** The query that `readRange` reads back; empty for the default. */
export function writeRange(range: Range): string {
  if (!range.preset) return `?${new URLSearchParams(range.days)}`
  return range.preset === defaultRange.preset ? '' : `?range=${range.preset.id}`
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && addDays(text.slice(0, 10), 0) === text
}
