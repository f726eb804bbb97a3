// Durations as people read them in the texts of alerts.
import type { Duration } from './thresholds.ts'

const units = { s: 's', m: 'min', h: 'h', d: 'days' }

/** Such as `90 s`, `30 min`, `6 h` and `3 days`. */
export const readable = (duration: Duration): string =>
  duration.replace(/[smhd]$/, (unit) => ` ${units[unit as keyof typeof units]}`)
