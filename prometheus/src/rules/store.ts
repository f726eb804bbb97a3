import { lost } from '../lost.ts'
import { type Family, page, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const { PartitionsRunningOut, RetentionMissed, BackupOld } = thresholds

export const store: Family = {
  name: 'store',
  about: 'Whether the store can take events, and whether its upkeep is done.',
  rules: [
    page('DatabaseDown', {
      expr: 'max by (job) (leadlight_database_up) == 0',
      summary: 'PostgreSQL does not answer.',
      description: `No {{ $labels.job }} has reached it for ${thresholds.DatabaseDown.for.replace('s', ' s')}. Events wait in the browsers, and those of visitors who do not come back are lost.`,
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
      expr: `time() - max by (job) (leadlight_retention_last_success_timestamp_seconds) > ${RetentionMissed.seconds}`,
      summary: 'Old events are not being deleted.',
      description: 'Retention last did its work {{ $value | humanizeDuration }} ago.',
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
