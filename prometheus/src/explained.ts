// What a part that is away explains: its own alert tells of it, and what its absence has left in a window is no second page.
import type { Duration } from './thresholds.ts'

/**
 * Ends an expression. Alertmanager inhibits only while the part is away; failures stay in their window after that.
 * Pending is explained as well, but not for long: who is away for less than an alert's patience explains nothing afterwards.
 */
export const unlessExplained = (alerts: string, window: Duration): string =>
  `unless on () (ALERTS{alertname=~"${alerts}"} or max_over_time(ALERTS{alertname=~"${alerts}", alertstate="firing"}[${window}]))`
