import { names } from '../case.ts'

const DatabaseDown = names('DatabaseDown')
const PartitionsRunningOut = names('PartitionsRunningOut')
const RetentionMissed = names('RetentionMissed')
const BackupOld = names('BackupOld')
const DiskFilling = names('DiskFilling')
const DatabaseConnectionsRunningOut = names('DatabaseConnectionsRunningOut')
const DatabaseTransactionLong = names('DatabaseTransactionLong')
const RollupLagging = names('RollupLagging')

const of = (metric: string, instance = 'a') => `${metric}{job="ingest-service", instance="${instance}"}`
const up = of('leadlight_database_up')
const ahead = of('leadlight_future_partitions')
const retention = of('leadlight_retention_last_success_timestamp_seconds')
const oldest = of('leadlight_oldest_event_age_days')
const free = 'leadlight_volume_free_bytes{volume="postgres"}'
const size = 'leadlight_volume_size_bytes{volume="postgres"}'
const connections = (state: string) =>
  `leadlight_database_connections{job="ingest-service", instance="a", state="${state}"}`
const connectionsMax = of('leadlight_database_connections_max')
const transaction = of('leadlight_database_longest_transaction_seconds')
const lag = of('leadlight_rollup_lag_seconds')
const backup = 'leadlight_backup_last_success_timestamp_seconds{job="backup"}'

export const store = [
  DatabaseDown.fires(
    '30 s without it page, and the page ends when it is back',
    '10s',
    { [up]: '1x5 0x11 1x5' },
    { '1m20s': 0, '1m30s': 1, '3m10s': 0 },
  ),
  DatabaseDown.below('a failover of three scrapes is silent', '10s', { [up]: '1x5 0x2 1x30' }, '6m'),
  DatabaseDown.gap('a service that is away says nothing of its database', '10s', { [up]: '1x5 _x50' }, '9m'),
  DatabaseDown.low(
    'one replica that lost its way to the database is no database that is down',
    '10s',
    { [up]: '1x60', [of('leadlight_database_up', 'b')]: '0x60' },
    '9m',
  ),

  PartitionsRunningOut.fires(
    'two days left for ten minutes page',
    '1m',
    { [ahead]: '7x10 2x20' },
    { '20m': 0, '21m': 1 },
  ),
  PartitionsRunningOut.below('three days left are silent', '1m', { [ahead]: '3x60' }, '60m'),
  PartitionsRunningOut.reset('a start that has not looked yet is silent', '1m', { [ahead]: '7x5 0x2 7x30' }, '35m'),
  PartitionsRunningOut.gap('a service that is away is another alert', '1m', { [ahead]: '7x5 _x60' }, '60m'),
  PartitionsRunningOut.low(
    'any replica that sees enough days is right',
    '1m',
    { [ahead]: '0x60', [of('leadlight_future_partitions', 'b')]: '7x60' },
    '60m',
  ),

  RetentionMissed.fires('two runs missed page', '1m', { [retention]: '1x160' }, { '2h25m': 0, '2h26m': 1 }),
  RetentionMissed.below('one run missed is silent', '1m', { [retention]: '1x120 7200x60' }, '3h'),
  RetentionMissed.gap('a service that is away is another alert', '1m', { [retention]: '1x10 _x200' }, '3h'),
  RetentionMissed.low(
    'it counts whichever replica did it last',
    '1m',
    { [retention]: '1x240', [of('leadlight_retention_last_success_timestamp_seconds', 'b')]: '1x100 6000x140' },
    '4h',
  ),

  BackupOld.fires('26 hours without one are a ticket', '4m', { [backup]: '0x450' }, { '26h8m': 0, '26h20m': 1 }),
  BackupOld.below('one a day is silent', '4m', { [backup]: '0x360 86400x90' }, '30h'),
  BackupOld.gap('without anybody who exports it there is nothing to say', '4m', {}, '30h'),
  BackupOld.low(
    'the newest of several counts',
    '4m',
    { [backup]: '0x450', 'leadlight_backup_last_success_timestamp_seconds{job="other"}': '0x300 72000x150' },
    '30h',
  ),

  RetentionMissed.fires(
    'so does an oldest day beyond what is kept, where it never worked at all',
    '1m',
    { [retention]: '0x60', [oldest]: '95x60' },
    { '9m': 0, '11m': 1 },
  ),
  RetentionMissed.reset(
    'a replica that has not asked yet is silent',
    '1m',
    { [retention]: '0x60', [oldest]: '0x60' },
    '60m',
  ),

  DiskFilling.fires(
    'less than a tenth left for ten minutes pages',
    '1m',
    { [size]: '100x60', [free]: '50x10 9x50' },
    { '20m': 0, '21m': 1 },
  ),
  DiskFilling.fires(
    'so does a third that is used up in six hours at this pace',
    '1m',
    { [size]: '1000x120', [free]: '330-2x120' },
    { '1h': 1 },
  ),
  DiskFilling.reset(
    'twenty minutes of a young Prometheus are no pace to go by',
    '1m',
    { [size]: '1000x20', [free]: '220-10x20' },
    '20m',
  ),
  DiskFilling.below('a tenth that stays is silent', '1m', { [size]: '100x120', [free]: '10x120' }, '2h'),
  DiskFilling.below(
    'half of it that shrinks fast is silent: retention may be about to free it',
    '1m',
    { [size]: '1000x60', [free]: '900-5x60' },
    '1h',
  ),
  DiskFilling.low('a volume nobody measures is silent', '1m', { [size]: '100x60' }, '60m'),
  DiskFilling.gap(
    'a service that is away is another alert',
    '1m',
    { [size]: '100x5 stale', [free]: '5x5 stale' },
    '60m',
  ),

  DatabaseConnectionsRunningOut.fires(
    '85 of 100 for five minutes are a ticket',
    '1m',
    { [connectionsMax]: '100x30', [connections('active')]: '10x5 60x25', [connections('idle')]: '25x30' },
    { '10m': 0, '11m': 1 },
  ),
  DatabaseConnectionsRunningOut.below(
    '80 of 100 are silent',
    '1m',
    { [connectionsMax]: '100x60', [connections('active')]: '80x60' },
    '60m',
  ),
  DatabaseConnectionsRunningOut.low(
    'two replicas that count the same connections count them once',
    '1m',
    {
      [connectionsMax]: '100x60',
      [of('leadlight_database_connections_max', 'b')]: '100x60',
      [connections('active')]: '60x60',
      'leadlight_database_connections{job="ingest-service", instance="b", state="active"}': '60x60',
    },
    '60m',
  ),
  DatabaseConnectionsRunningOut.gap(
    'a service that is away is another alert',
    '1m',
    { [connectionsMax]: '100x5 stale', [connections('active')]: '99x4 stale' },
    '60m',
  ),

  DatabaseTransactionLong.fires(
    'an hour and five minutes are a ticket',
    '1m',
    { [transaction]: '0+60x90' },
    { '65m': 0, '67m': 1 },
  ),
  DatabaseTransactionLong.below('an hour is silent', '1m', { [transaction]: '0+60x60 0x60' }, '2h'),
  DatabaseTransactionLong.reset(
    'many short ones are silent',
    '1m',
    { [transaction]: '0+60x30 0+60x30 0+60x30' },
    '90m',
  ),
  DatabaseTransactionLong.gap(
    'a service that is away is another alert',
    '1m',
    { [transaction]: '4000x3 stale' },
    '60m',
  ),

  RollupLagging.fires(
    'six minutes behind for five minutes are a ticket',
    '1m',
    { [lag]: '0x5 360x30' },
    { '10m': 0, '11m': 1 },
  ),
  RollupLagging.below('five minutes are silent', '1m', { [lag]: '300x60' }, '60m'),
  RollupLagging.low('a backlog that is worked off in four minutes is silent', '1m', { [lag]: '0x5 900x3 0x60' }, '60m'),
  RollupLagging.gap('a service that is away is another alert', '1m', { [lag]: '900x3 stale' }, '60m'),
]
