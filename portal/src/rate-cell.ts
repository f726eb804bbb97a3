// A rate in a table: the share, what it is made of, and how sure it is; and the same for a file.
import type { Rate } from 'contract/analytics'
import type { CsvRow } from './csv.ts'
import { type Child, element } from './element.ts'
import { formatInterval, formatRate, nothing } from './format.ts'
import { say } from './messages.ts'

export function rateCell(rate: Rate | null): Child[] {
  if (!rate || rate.value === null) return [nothing]
  const { numerator, denominator } = rate
  const interval = formatInterval(rate)
  return [
    formatRate(rate),
    element('span', { class: 'basis' }, say('countOf', { numerator, denominator })),
    interval && element('span', { class: 'basis' }, interval),
  ]
}

export function rateCsv(name: string, rate: Rate | null): CsvRow {
  const { numerator = null, denominator = null, value = null, low = null, high = null } = rate ?? {}
  return {
    [name]: value,
    [`${name}_numerator`]: numerator,
    [`${name}_denominator`]: denominator,
    [`${name}_low`]: low,
    [`${name}_high`]: high,
  }
}
