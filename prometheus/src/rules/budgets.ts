import { allowedShare } from '../budget.ts'
import type { Family } from '../rule.ts'
import { type Objective, objectives } from '../thresholds.ts'

/** Of hours that are recorded already: over the raw series a month would be read at every evaluation. */
const month = (metric: string, route: string, window: string) =>
  `sum(sum_over_time(route:leadlight_http_requests${metric}:increase1h{route="${route}"}[${window}:1h]))`

export const budgets: Family = {
  name: 'budgets',
  about: 'How much of what may fail in a month is left of each objective: 1 is all, 0 none, below 0 it is missed.',
  interval: '5m',
  rules: objectives.map(({ name, route, target, window, ...more }: Objective) => ({
    record: 'objective:leadlight_error_budget_left:ratio',
    expr: `1 - ${month(more.seconds ? '_slow' : '_failed', route, window)} / (${month('', route, window)} > 0) / ${allowedShare(target)}`,
    labels: { objective: name },
  })),
}
