import { lost } from '../lost.ts'
import { readable } from '../readable.ts'
import { type Family, page, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const {
  PartitionsRunningOut,
  RetentionMissed,
  BackupOld,
  DiskFilling,
  DatabaseConnectionsRunningOut,
  DatabaseTransactionLong,
  RollupLagging,
} = thresholds
/** The share of a volume that is left. */
const left = 'min by (volume) (leadlight_volume_free_bytes / leadlight_volume_size_bytes)'

export const store: Family = {
  name: 'store',
  about: 'Whether the store can take events, and whether its upkeep is done.',
  rules: [
    page('DatabaseDown', {
      expr: 'max by (job) (leadlight_database_up) == 0',
      summary: 'PostgreSQL does not answer.',
      description: `No {{ $labels.job }} has reached it for ${readable(thresholds.DatabaseDown.for)}. Events wait in the browsers, and those of visitors who do not come back are lost.`,
      more: { lost },
      dashboard: 'ingest',
    }),
    page('PartitionsRunningOut', {
      // without a partition for its day an event is refused
      expr: `max by (job) (leadlight_future_partitions) < ${PartitionsRunningOut.days}`,
      summary: 'There are hardly any days left to store events in.',
      description: 'Partitions are there for {{ $value }} more days; after those every event is refused.',
      dashboard: 'ingest',
    }),
    page('RetentionMissed', {
      // 0 is a replica that has not asked yet; a store in which it never worked shows by its oldest day
      expr: `
        time() - max by (job) (leadlight_retention_last_success_timestamp_seconds > 0) > ${RetentionMissed.seconds}
        or
        max by (job) (leadlight_oldest_event_age_days) * 86400 > ${RetentionMissed.oldestDays} * 86400`,
      summary: 'Old events are not being deleted.',
      description: 'Retention last did its work, or the oldest event happened, {{ $value | humanizeDuration }} ago.',
      dashboard: 'ingest',
    }),
    page('DiskFilling', {
      // a few minutes are no pace to go by
      expr: `
        ${left} < ${DiskFilling.share}
        or
        (
          ${left} < ${DiskFilling.atMost}
          and
          min by (volume) (predict_linear(leadlight_volume_free_bytes[1h], ${DiskFilling.hours} * 3600)) < 0
          and
          min by (volume) (leadlight_volume_free_bytes offset 30m) > 0
        )`,
      summary: 'A disk is filling.',
      description:
        '{{ $value | humanizePercentage }} of the volume {{ $labels.volume }} are left. On a full disk PostgreSQL stores nothing.',
      dashboard: 'ingest',
    }),
    ticket('DatabaseConnectionsRunningOut', {
      expr: `max by (job) (sum by (job, instance) (leadlight_database_connections) / on (job, instance) leadlight_database_connections_max) > ${DatabaseConnectionsRunningOut.share}`,
      summary: "PostgreSQL's connections are running out.",
      description: '{{ $value | humanizePercentage }} of them are in use. Without a free one events are refused.',
      dashboard: 'ingest',
    }),
    ticket('DatabaseTransactionLong', {
      expr: `max by (job) (leadlight_database_longest_transaction_seconds) > ${DatabaseTransactionLong.seconds}`,
      summary: 'A transaction has been open for long.',
      description: 'For {{ $value | humanizeDuration }}. It holds up vacuum and the dropping of old days.',
      dashboard: 'ingest',
    }),
    ticket('RollupLagging', {
      expr: `min by (job) (leadlight_rollup_lag_seconds) > ${RollupLagging.seconds}`,
      summary: "Contractors' numbers are behind.",
      description: 'What happened {{ $value | humanizeDuration }} ago is not in them yet.',
      dashboard: 'ingest',
    }),
    ticket('BackupOld', {
      // exported by the operator's own backup job; without it there is nothing to judge
      expr: `time() - max(leadlight_backup_last_success_timestamp_seconds) > ${BackupOld.seconds}`,
      summary: 'There is no new backup.',
      description: 'The last one that succeeded is {{ $value | humanizeDuration }} old.',
    }),
  ],
}
