// From where on a value is no longer good: the numbers that the alerts have, in colours.
import { goodLoadSeconds } from 'contract/thresholds'
import { allowedShare } from 'prometheus/budget'
import { objectives, paces, thresholds } from 'prometheus/thresholds'

export type Threshold = { value: number | null; color: string }

export const good = 'green'
const fair = 'yellow'
const poor = 'red'

const above = (value: number): Threshold[] => [{ value, color: poor }]
const below = (value: number): Threshold[] => [
  { value: null, color: poor },
  { value, color: good },
]

export const loadSeconds: Threshold[] = [
  { value: goodLoadSeconds, color: fair },
  ...above(thresholds.WidgetLoadSlow.seconds),
]
export const apiSeconds = above(thresholds.WidgetApiSlow.seconds)
export const apiErrorRatio = above(thresholds.WidgetApiErrorRateHigh.share)
export const tenantErrorRatio = above(thresholds.TenantApiErrorRateHigh.share)

const [eventsAvailability, eventsLatency] = objectives
/** Share of requests to the events API that may fail. */
export const availability = above(allowedShare(eventsAvailability.target))
export const answerSeconds = above(eventsLatency.seconds)
export const lossShare = above(thresholds.ClientLossReported.share)
export const futurePartitions = below(thresholds.PartitionsRunningOut.days)
export const oldestDays = above(thresholds.RetentionMissed.oldestDays)
export const retentionSeconds = above(thresholds.RetentionMissed.seconds)
export const rollupSeconds = above(thresholds.RollupLagging.seconds)
export const transactionSeconds = above(thresholds.DatabaseTransactionLong.seconds)
export const freeShare = below(thresholds.DiskFilling.share)

export const queueShare = above(thresholds.CollectorQueueFilling.share)
export const canarySeconds = above(thresholds.CanaryFailing.seconds)
export const skewSeconds = above(thresholds.ClockSkewed.seconds)
export const certificateSeconds = below(thresholds.CertificateExpiring.days * 86_400)

/** Multiples of the allowed share of failures. */
export const burnRate: Threshold[] = [
  { value: paces.Burning.factor, color: fair },
  { value: paces.BurningFast.factor, color: poor },
]
/** Share of an error budget that is left. */
export const budgetLeft: Threshold[] = [
  { value: null, color: poor },
  { value: 0, color: fair },
  { value: 0.25, color: good },
]
/** 0 is down, 1 up. */
export const upOrDown = below(1)
/** Something that should not be there at all. */
export const any = above(1)
