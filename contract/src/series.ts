// How many series the browsers' spans can make, and the limits that follow from it.
import { eventTypes } from './events.ts'
import { spanStatusCodes } from './metrics.ts'
import { operations } from './spans.ts'

/** The collector leaves an operation on each call to the API, and on errors that name one. */
const namesWithOperation = operations.length + (operations.length + 1)
/** Every other event, and spans of unknown names, which become one. */
const namesWithout = eventTypes.length - 1 + 1

/** Most series of `widget_span_calls_total` that the spans of one tenant can make. */
export const seriesOfTenant = spanStatusCodes.length * (namesWithOperation + namesWithout)

export type SeriesLimits = {
  /** Most series of calls. */
  calls: number
  /** Most samples of durations, which do not know the tenant: each of its buckets is one, and so are the last one, sum and count. */
  durations: number
  /** Where the collector stops making series: reached only when there are more tenants, or when it lets a browser's words through. */
  fuse: number
  /** Series of calls from which on somebody should look. */
  warning: number
  /** Samples that Prometheus takes from one scrape; beyond it, none. */
  samples: number
}

/** @param buckets bounds of the durations' buckets */
export function seriesLimits(tenants: number, buckets: number): SeriesLimits {
  const calls = tenants * seriesOfTenant
  const durations = seriesOfTenant * (buckets + 3)
  return { calls, durations, fuse: 2 * calls, warning: Math.floor(0.7 * 2 * calls), samples: 2 * (calls + durations) }
}
