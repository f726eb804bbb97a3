// A rate of sessions with the interval that says how much it can be trusted.
import type { Rate, Ratio } from 'contract/analytics'

/** Quantile of the normal distribution for 95 %. */
const z = 1.959963984540054

export const ratioOf = (numerator: number, denominator: number): Ratio => ({
  numerator,
  denominator,
  value: denominator === 0 ? null : numerator / denominator,
})

/** numerator ÷ denominator with its Wilson score interval at 95 % (Wilson 1927); all null without a denominator. */
export function rateOf(numerator: number, denominator: number): Rate {
  if (denominator === 0) return { ...ratioOf(numerator, 0), low: null, high: null }
  const share = numerator / denominator
  const scale = 1 + z ** 2 / denominator
  const centre = share + z ** 2 / (2 * denominator)
  const spread = z * Math.sqrt((share * (1 - share)) / denominator + z ** 2 / (4 * denominator ** 2))
  return {
    ...ratioOf(numerator, denominator),
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
  }
}
