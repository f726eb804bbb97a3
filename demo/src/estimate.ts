// What a job costs, roughly. Prices are dollars per square foot.
import Type, { type Static } from 'typebox'
import type { Job } from './job.ts'

export const Estimate = Type.Object({
  estimate_id: Type.String(),
  amount: Type.Integer(),
  low: Type.Integer(),
  high: Type.Integer(),
  currency: Type.Literal('USD'),
})
export type Estimate = Static<typeof Estimate>

const labour: Record<Job['service'], number> = { 'roof-replacement': 2.6, 'roof-repair': 0.9, gutters: 0.7 }
const supplies: Record<Job['material'], number> = { asphalt: 2.1, metal: 5.4, tile: 7.8 }
/** How far the real price may lie from the amount. */
const tolerance = 0.12

export function estimate({ service, square_feet, material }: Job): Omit<Estimate, 'estimate_id'> {
  const share = service === 'roof-replacement' ? 1 : 0.15
  const amount = toFifty(square_feet * (labour[service] + supplies[material] * share))
  return { amount, low: toFifty(amount * (1 - tolerance)), high: toFifty(amount * (1 + tolerance)), currency: 'USD' }
}

const toFifty = (dollars: number): number => Math.round(dollars / 50) * 50
