import { names } from '../case.ts'

const IngestDown = names('IngestDown')
const IngestReplicaDown = names('IngestReplicaDown')
const CollectorDown = names('CollectorDown')
const SpanMetricsDown = names('SpanMetricsDown')
const CanaryDown = names('CanaryDown')
const Watchdog = names('Watchdog')

const a = 'up{job="ingest-service", instance="a"}'
const b = 'up{job="ingest-service", instance="b"}'
const collector = 'up{job="collector", instance="c"}'
const spans = 'up{job="widget-spans", instance="c"}'
const canary = 'up{job="canary", instance="d"}'

export const availability = [
  IngestDown.fires(
    '20 s away page, and the page ends with the return',
    '10s',
    { [a]: '1x5 0x11 1x5' },
    { '1m10s': 0, '1m20s': 1, '2m50s': 1, '3m10s': 0 },
  ),
  IngestDown.below('a restart that costs two scrapes is silent', '10s', { [a]: '1x5 0 0 1x20' }, '4m'),
  IngestDown.gap(
    'a service that is no target any more pages like one that is down',
    '10s',
    { [a]: '1x5 stale' },
    { '1m10s': 0, '1m30s': 1 },
  ),
  IngestDown.gap('so does one that never was a target', '10s', { [collector]: '1x20' }, { '30s': 1 }),
  IngestDown.low('one of two replicas down is silent', '10s', { [a]: '1x60', [b]: '1x5 0x60' }, '9m'),

  IngestReplicaDown.fires(
    'two minutes away are a ticket',
    '10s',
    { [a]: '1x60', [b]: '1x5 0x30 1x20' },
    { '2m50s': 0, '3m': 1, '6m20s': 0 },
  ),
  IngestReplicaDown.below('1 min 50 s away are silent', '10s', { [a]: '1x60', [b]: '1x5 0x10 1x40' }, '9m'),
  IngestReplicaDown.gap(
    'a replica that was taken out of the targets is not missed',
    '10s',
    { [a]: '1x60', [b]: '1x5 stale' },
    '9m',
  ),
  IngestReplicaDown.reset(
    'a replica that keeps restarting for a minute at a time is silent',
    '10s',
    { [a]: '1x60', [b]: '1x5 0x5 1 0x5 1 0x5 1 0x5 1x30' },
    '9m',
  ),

  CollectorDown.fires(
    '30 s away page, and the page ends with the return',
    '10s',
    { [collector]: '1x5 0x11 1x5' },
    { '1m20s': 0, '1m30s': 1, '3m10s': 0 },
  ),
  CollectorDown.below('a restart that costs three scrapes is silent', '10s', { [collector]: '1x5 0x2 1x20' }, '4m'),
  CollectorDown.gap(
    'one that is no target any more pages',
    '10s',
    { [collector]: '1x5 stale' },
    { '1m20s': 0, '1m40s': 1 },
  ),
  CollectorDown.low(
    'a service that is down is no collector that is down',
    '10s',
    { [collector]: '1x60', [a]: '0x60' },
    '9m',
  ),

  SpanMetricsDown.fires(
    'a failing scrape beside a living collector is a ticket after two minutes',
    '10s',
    { [collector]: '1x60', [spans]: '1x5 0x60' },
    { '2m50s': 0, '3m': 1 },
  ),
  SpanMetricsDown.below('1 min 50 s are silent', '10s', { [collector]: '1x60', [spans]: '1x5 0x10 1x40' }, '9m'),
  SpanMetricsDown.gap(
    'a collector that is away itself is a page, not this ticket',
    '10s',
    { [collector]: '1x5 0x60', [spans]: '1x5 0x60' },
    '9m',
  ),
  SpanMetricsDown.low('without any collector there is nothing to scrape', '10s', { [spans]: '0x60' }, '9m'),

  CanaryDown.fires(
    'three minutes away are a ticket',
    '10s',
    { [canary]: '1x5 0x40 1x10' },
    { '3m50s': 0, '4m': 1, '8m': 0 },
  ),
  CanaryDown.below('2 min 50 s away are silent', '10s', { [canary]: '1x5 0x16 1x20' }, '6m'),
  CanaryDown.gap('an installation without a canary is told so', '10s', { [a]: '1x60' }, { '2m50s': 0, '3m': 1 }),
  CanaryDown.low('one of two is enough', '10s', { [canary]: '0x60', 'up{job="canary", instance="e"}': '1x60' }, '9m'),

  Watchdog.fires('it always fires, with everything well', '10s', { [a]: '1x60' }, { '0s': 1, '9m': 1 }),
  Watchdog.gap('and with nothing there', '10s', {}, { '9m': 1 }),
  Watchdog.reset('and with everything restarting', '10s', { [a]: '1x5 0x5 1x5' }, { '1m': 1, '2m': 1 }),
  Watchdog.low('and with no traffic at all', '10s', { [a]: '1x60' }, { '5m': 1 }),
]
