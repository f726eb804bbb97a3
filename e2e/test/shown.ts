// Which alerts the fault table raises in a live stack, and why the others are raised by their rule tests alone.

/** By faults of the long suite, and by what it does to Prometheus. */
export const shownLive = [
  'BackupOld',
  'CanaryDown',
  'CanaryFailing',
  'CanaryTelemetryMissing',
  'CollectorDown',
  'CollectorQueueCorrupt',
  'CollectorQueueFilling',
  'CollectorSpansLost',
  'ConfigurationReloadFailed',
  'DatabaseConnectionsRunningOut',
  'DatabaseDown',
  'DiskFilling',
  'EventsRejected',
  'IngestDown',
  'IngestReplicaDown',
  'NotificationsFailing',
  'PartitionsRunningOut',
  'RetentionMissed',
  'RuleEvaluationsFailing',
  'SpanMetricsDown',
  'TenantApiErrorRateHigh',
  'TenantSilent',
  'TenantsSilentWidely',
  'Watchdog',
  'WidgetApiSlow',
  'WidgetErrorRateHigh',
  'WidgetLoadSlow',
]

const hours = 'its windows are an hour and more'
const mended = 'the service does it again within a minute, so that it cannot be held up without holding up more'

/** `prometheus/test/cases/` has at least four cases of each. */
export const shownByRuleTests: Record<string, string> = {
  CertificateExpiring: 'the public address of a stack on one machine has no certificate',
  ClientLossReported: hours,
  ClockSkewed: 'one machine has one clock',
  CollectorSeriesHigh: 'more tenants than a stack on one machine is given',
  CollectorSeriesOverflow: 'more tenants than a stack on one machine is given',
  DatabaseTransactionLong: 'a transaction of an hour',
  EventsAvailabilityBurning: hours,
  EventsAvailabilityBurningFast: hours,
  EventsAvailabilityBurningSlowly: hours,
  EventsLatencyBurning: hours,
  EventsLatencyBurningFast: hours,
  RollupLagging: mended,
  SilenceNotWatched: mended,
  SpansAvailabilityBurning: hours,
  SpansAvailabilityBurningFast: hours,
  SpansLatencyBurning: hours,
  WidgetApiErrorRateHigh: 'it may come with the database being away, and is not asked for there',
  WidgetApiFailingWidely: 'in a stack on one machine every cause of it has a page of its own, which is told instead',
}
