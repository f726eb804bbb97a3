import { names } from '../case.ts'

const DatabaseDown = names('DatabaseDown')
const PartitionsRunningOut = names('PartitionsRunningOut')
const RetentionMissed = names('RetentionMissed')
const BackupOld = names('BackupOld')

const of = (metric: string, instance = 'a') => `${metric}{job="ingest-service", instance="${instance}"}`
const up = of('leadlight_database_up')
const ahead = of('leadlight_future_partitions')
const retention = of('leadlight_retention_last_success_timestamp_seconds')
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

  RetentionMissed.fires('two runs missed page', '1m', { [retention]: '0x160' }, { '2h25m': 0, '2h26m': 1 }),
  RetentionMissed.below('one run missed is silent', '1m', { [retention]: '0x120 7200x60' }, '3h'),
  RetentionMissed.gap('a service that is away is another alert', '1m', { [retention]: '0x10 _x200' }, '3h'),
  RetentionMissed.low(
    'it counts whichever replica did it last',
    '1m',
    { [retention]: '0x240', [of('leadlight_retention_last_success_timestamp_seconds', 'b')]: '0x100 6000x140' },
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
]
