// From where on a value is no longer good: what the rules alert on and what the browsers' makers call good and poor.

export type Threshold = { value: number | null; color: string }

export const good = 'green'
const fair = 'yellow'
const poor = 'red'

/** Seconds; web vitals call a load up to 2.5 s good and one above 4 s poor (https://web.dev/articles/lcp). */
export const loadSeconds: Threshold[] = [
  { value: 2.5, color: fair },
  { value: 4, color: poor },
]
/** Share of the widget's API calls that fail. */
export const apiErrorRatio: Threshold[] = [{ value: 0.2, color: poor }]
/** Share of requests to the events API that may fail. */
export const availability: Threshold[] = [{ value: 0.001, color: poor }]
/** How full the collector's queue is. */
export const queueFilled: Threshold[] = [{ value: 0.7, color: poor }]
/** Share of an error budget that is left. */
export const budgetLeft: Threshold[] = [
  { value: null, color: poor },
  { value: 0, color: fair },
  { value: 0.25, color: good },
]
/** Multiples of the allowed share of failures; the slow and the fast rule. */
export const burnRate: Threshold[] = [
  { value: 6, color: fair },
  { value: 14.4, color: poor },
]
/** 0 is down, 1 up. */
export const upOrDown: Threshold[] = [
  { value: null, color: poor },
  { value: 1, color: good },
]
/** Days ahead that have partitions. */
export const futurePartitions: Threshold[] = [
  { value: null, color: poor },
  { value: 3, color: good },
]
/** Seconds since retention last worked. */
export const retentionAge: Threshold[] = [{ value: 86_400, color: poor }]
/** An alert that fires is bad. */
export const firing: Threshold[] = [{ value: 1, color: poor }]
