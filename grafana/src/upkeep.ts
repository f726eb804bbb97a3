// Ingest's last row: is the store kept up, and how much room is left?
import { BytesIEC, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { lines, number, type PanelDraft, stack } from './panels.ts'
import { latest, series } from './queries.ts'
import {
  freeShare,
  futurePartitions,
  oldestDays,
  retentionSeconds,
  rollupSeconds,
  transactionSeconds,
} from './thresholds.ts'

const daysAhead = number({
  title: 'Days ahead',
  description: 'Days after today whose partitions are there. On a day without one every event would be refused.',
  unit: 'd',
  empty: 'No ingest-service answers',
  width: 8,
  thresholds: futurePartitions,
  runbooks: ['PartitionsRunningOut'],
  queries: [latest('days', 'max(leadlight_future_partitions)')],
})

const oldestDay = number({
  title: 'Oldest day held',
  description:
    'Age of the oldest day whose events are still there. Events are kept for 90 whole days and then dropped.',
  unit: 'd',
  empty: 'No ingest-service answers',
  width: 8,
  thresholds: oldestDays,
  runbooks: ['RetentionMissed'],
  queries: [latest('age', 'max(leadlight_oldest_event_age_days)')],
})

const retention = number({
  title: 'Since old days were last dropped',
  description: 'Time since retention last did its work, which is due every hour.',
  unit: Seconds,
  empty: 'Never yet',
  width: 8,
  thresholds: retentionSeconds,
  runbooks: ['RetentionMissed'],
  queries: [latest('age', 'time() - max(leadlight_retention_last_success_timestamp_seconds > 0)')],
})

const connections = stack({
  title: 'Database connections by state',
  description:
    'Connections of everyone to the database. One that is idle in a transaction holds back clean-up and the dropping of old days; the dashed line is the most that the server takes.',
  unit: Short,
  empty: 'No ingest-service answers',
  width: 12,
  runbooks: ['DatabaseConnectionsRunningOut'],
  queries: [
    series('{{state}}', 'max by (state) (leadlight_database_connections)'),
    series('at most', 'max(leadlight_database_connections_max)'),
  ],
}).overrideByName('at most', [
  { id: 'custom.stacking', value: { mode: 'none' } },
  { id: 'custom.fillOpacity', value: 0 },
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
])

const longestTransaction = lines({
  title: 'Longest transaction',
  description: 'Age of the oldest transaction that is still open in the database, whoever has it.',
  unit: Seconds,
  empty: 'No ingest-service answers',
  width: 12,
  thresholds: transactionSeconds,
  runbooks: ['DatabaseTransactionLong'],
  queries: [series('age', 'max(leadlight_database_longest_transaction_seconds)')],
})

const databaseSize = lines({
  title: 'Size of the database',
  description: 'What the database takes on its disk. It grows for 90 days and then keeps to what comes in.',
  unit: BytesIEC,
  empty: 'No ingest-service answers',
  width: 12,
  runbooks: ['BackupOld'],
  queries: [series('database', 'max(leadlight_database_size_bytes)')],
})

const freeSpace = lines({
  title: 'Free space by volume',
  description: 'Share of each volume that is left, as far as ingest-service can see it.',
  unit: PercentUnit,
  empty: 'No volume can be seen',
  width: 12,
  thresholds: freeShare,
  runbooks: ['DiskFilling'],
  queries: [
    series(
      '{{volume}}',
      'min by (volume) (leadlight_volume_free_bytes) / max by (volume) (leadlight_volume_size_bytes)',
    ),
  ],
}).max(1)

const rollupLag = lines({
  title: 'How far the counting is behind',
  description:
    'Age of the oldest change that the numbers of portal and dashboards do not have yet; a few seconds are usual.',
  unit: Seconds,
  empty: 'No ingest-service answers',
  width: 24,
  thresholds: rollupSeconds,
  runbooks: ['RollupLagging', 'SilenceNotWatched'],
  queries: [series('behind', 'max(leadlight_rollup_lag_seconds)')],
})

export const upkeep: PanelDraft[] = [
  daysAhead,
  oldestDay,
  retention,
  rollupLag,
  connections,
  longestTransaction,
  databaseSize,
  freeSpace,
]
