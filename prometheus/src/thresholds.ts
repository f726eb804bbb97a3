// Every number by which an alert is decided, but those it shares with the operator's page and the portal (`contract/thresholds`). Rules, their texts
// and SLO.md are made from these; nothing else holds a number.
import {
  canaryLateSeconds,
  fewestDaysAhead,
  poorLoadSeconds,
  queueFillingShare,
  retentionLateSeconds,
  rollupLateSeconds,
} from 'contract/thresholds'

/** Durations as Prometheus writes them. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

/** What a burning budget is measured over, and what pages or makes a ticket. */
export type Pace = {
  /** How many times faster than allowed the budget is spent. */
  factor: number
  /** Both windows must agree: the long one is the patience, the short one ends the alert. */
  long: Duration
  short: Duration
  for?: Duration
  /** Fewest bad answers in either window. A minimum of requests would still page on 1 failure in 60. */
  badLong: number
  badShort: number
}

/** Two evaluations: what explains a failure, such as a database that is away, shows a scrape later at the most. */
const explanationComes = '20s'

/** A month's budget is gone in two days, in five, in thirty. */
export const paces = {
  BurningFast: { factor: 14.4, long: '1h', short: '5m', for: explanationComes, badLong: 10, badShort: 3 },
  Burning: { factor: 6, long: '6h', short: '30m', for: '5m', badLong: 20, badShort: 5 },
  BurningSlowly: { factor: 1, long: '3d', short: '6h', for: '1h', badLong: 50, badShort: 5 },
} as const satisfies Record<string, Pace>
export type PaceName = keyof typeof paces

export type Objective = {
  name: string
  route: 'events' | 'traces'
  /** Share of good answers. */
  target: number
  /** Answers that take longer are bad, in seconds; a bucket of the histogram, and no whole number, whose label is spelled in two ways. */
  seconds?: number
  window: '30d'
  paces: Partial<Record<PaceName, 'critical' | 'warning'>>
}

export const objectives = [
  {
    name: 'EventsAvailability',
    route: 'events',
    target: 0.999,
    window: '30d',
    paces: { BurningFast: 'critical', Burning: 'critical', BurningSlowly: 'warning' },
  },
  {
    name: 'EventsLatency',
    route: 'events',
    target: 0.99,
    seconds: 0.5,
    window: '30d',
    paces: { BurningFast: 'critical', Burning: 'warning' },
  },
  // spans are best effort: the pages about them say that the operator goes blind, not that a lead is lost
  {
    name: 'SpansAvailability',
    route: 'traces',
    target: 0.99,
    window: '30d',
    paces: { BurningFast: 'critical', Burning: 'warning' },
  },
  {
    name: 'SpansLatency',
    route: 'traces',
    target: 0.95,
    seconds: 2.5,
    window: '30d',
    paces: { Burning: 'warning' },
  },
] as const satisfies Objective[]

/** By alert. `for` is how long it must hold; what is not here has neither. */
export const thresholds = {
  IngestDown: { for: '20s' }, // a restart takes less
  IngestReplicaDown: { for: '2m' },
  CollectorDown: { for: '30s' },
  SpanMetricsDown: { for: '2m' },
  CanaryDown: { for: '3m' },

  /** Three visits missed; and the time until the next one after an outage that explains it. */
  CanaryFailing: { seconds: canaryLateSeconds.event, after: '90s' },
  CanaryTelemetryMissing: { seconds: canaryLateSeconds.trace },
  ClockSkewed: { seconds: 5, for: '10m' },
  CertificateExpiring: { days: 14 },

  DatabaseDown: { for: '30s' }, // a failover takes less
  /** Made seven days ahead, every hour. */
  PartitionsRunningOut: { days: fewestDaysAhead, for: '10m' },
  /** It runs every hour: two runs missed, and a quarter of an hour for a long one. */
  RetentionMissed: { seconds: retentionLateSeconds, oldestDays: 94, for: '10m' },
  /** Share of a volume that is left, or hours until nothing will be at the pace of the last hour while less than a third is. */
  DiskFilling: { share: 0.1, hours: 6, atMost: 0.33, for: '10m' },
  DatabaseConnectionsRunningOut: { share: 0.8, for: '5m' },
  /** It keeps vacuum and retention from working. */
  DatabaseTransactionLong: { seconds: 3_600, for: '5m' },
  RollupLagging: { seconds: rollupLateSeconds, for: '5m' },
  /** Daily, with two hours for a slow one. */
  BackupOld: { seconds: 93_600, for: '10m' },

  /** Share of the queue's bytes. */
  CollectorQueueFilling: { share: queueFillingShare, for: '2m' },
  CollectorSpansLost: { window: '10m' },
  /** The share is of the collector's own fuse (`contract/series`). */
  CollectorSeriesHigh: { for: '1m' },

  EventsRejected: { share: 0.05, events: 50, window: '30m' },
  ClientLossReported: { share: 0.01, events: 50, window: '1h' },

  /** Where a load is poor; below that many loads a few slow phones decide. */
  WidgetLoadSlow: { seconds: poorLoadSeconds, quantile: 0.75, loads: 50, window: '30m', for: '10m' },
  WidgetErrorRateHigh: { share: 0.1, errors: 20, window: '30m', for: '5m' },
  WidgetApiErrorRateHigh: { share: 0.2, failed: 3 },
  /** A bucket of the collector's histogram. */
  WidgetApiSlow: { seconds: 6, quantile: 0.9, calls: 50, window: '15m', for: '10m' },
  WidgetApiFailingWidely: { share: 0.2, failed: 3, tenants: 3, for: explanationComes },
  TenantApiErrorRateHigh: { share: 0.2, calls: 50, window: '15m', for: '5m' },

  TenantSilent: { for: '5m' },
  /** Share of the expected tenants; below that many, each has a ticket of its own. */
  TenantsSilentWidely: { share: 0.2, tenants: 3, for: '5m' },
  /** It is looked for every minute. */
  SilenceNotWatched: { seconds: 900, for: '5m' },

  NotificationsFailing: { window: '10m' },
  RuleEvaluationsFailing: { window: '10m' },
  ConfigurationReloadFailed: { for: '1m' },
} as const
