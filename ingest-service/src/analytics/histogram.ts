// Distributions of durations as counts in fixed buckets, which add up over quarter hours. `leadlight.histogram` makes them.
import type { Distribution } from 'contract/analytics'
import { type EventType, eventTypes } from 'contract/events'

/** What each histogram is made of, by its column in `leadlight.quarter_hours`. */
export const measured = {
  load_ms: { type: 'widget_loaded', property: 'load_ms' },
  message_ms: { type: 'message_sent', property: 'response_ms' },
  estimate_ms: { type: 'estimate_generated', property: 'duration_ms' },
} as const satisfies Record<string, { type: EventType; property: string }>
export const histograms = Object.keys(measured) as (keyof typeof measured)[]

/** The aggregate that makes a histogram of events. */
export function countedHistogram(name: (typeof histograms)[number]): string {
  const { type, property } = measured[name]
  return `coalesce(sum(leadlight.histogram((properties ->> '${property}')::float8)) filter (where type = '${type}'), 0) as ${name}`
}
/** The select list that makes all of them. */
export const countedHistograms: string = histograms.map(countedHistogram).join(', ')

/** The aggregate that counts events of a type. */
export const countedType = (type: EventType): string => `count(*) filter (where type = '${type}')::int as ${type}`
/** The select list that counts them all. */
export const countedTypes: string = eventTypes.map(countedType).join(', ')

/** Decimal places of one bucket's count. */
const places = 12
const bucketsPerDoubling = 8
/** A percentile is at most this far from the value that was measured, as a share of it. */
export const histogramError = 2 ** (1 / (2 * bucketsPerDoubling)) - 1

/** Percentiles by nearest rank, each the (geometric) middle of its bucket; all null without a value. */
export function readHistogram(sum: string): Distribution {
  const counts: number[] = []
  for (let end = sum.length; end > 0; end -= places) counts.push(Number(sum.slice(Math.max(0, end - places), end)))
  const count = counts.reduce((all, each) => all + each, 0)
  const percentile = (share: number): number | null => {
    if (count === 0) return null
    let below = 0
    const bucket = counts.findIndex((each) => {
      below += each
      return below >= share * count
    })
    // three digits are more than the buckets can tell
    return Number((bucket === 0 ? 0.5 : 2 ** ((bucket - 0.5) / bucketsPerDoubling)).toPrecision(3))
  }
  return { p50: percentile(0.5), p75: percentile(0.75), p95: percentile(0.95), count }
}
