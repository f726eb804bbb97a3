// The few numbers that stand for many: medians of rounds, percentiles of answers.

/** Half of the values are smaller. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest value that `share` (0 to 1) of all are not above: one that occurred, by nearest rank. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}

/** Median of the ratios round by round: whatever slowed a whole round down slowed both. */
export function medianRatio(values: number[], baseline: number[]): number {
  return median(values.map((value, round) => value / baseline[round]!))
}
