// From when on something is wrong, where alerts, the operator's page and program, and the portal must agree. Imports nothing.

/** Since a check of the canary last succeeded, in seconds: three visits for what visitors need, ten for the rest. */
export const canaryLateSeconds = { event: 180, row: 180, metric: 600, trace: 600 } as const
/** Share of the collector's queue. */
export const queueFillingShare = 0.7
/** Days ahead that have partitions; they are made seven days ahead, every hour. */
export const fewestDaysAhead = 3
/** Since retention last worked, in seconds: it runs every hour, so two runs missed, and a quarter of an hour for a long one. */
export const retentionLateSeconds = 8_100
/** The roll-up's lag, in seconds. */
export const rollupLateSeconds = 300
/** A load up to this long is good, one above the other poor, in seconds, at the 75th percentile (https://web.dev/articles/lcp). */
export const goodLoadSeconds = 2.5
export const poorLoadSeconds = 4
