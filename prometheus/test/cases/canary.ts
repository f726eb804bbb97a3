import { names } from '../case.ts'

const CanaryFailing = names('CanaryFailing')
const CanaryTelemetryMissing = names('CanaryTelemetryMissing')
const ClockSkewed = names('ClockSkewed')
const CertificateExpiring = names('CertificateExpiring')

// promtool's clock begins at 0, so a growing value is a success at each scrape
const success = (check: string, instance = 'a') =>
  `leadlight_canary_last_success_timestamp_seconds{job="canary", instance="${instance}", check="${check}"}`
const skew = 'leadlight_canary_clock_skew_seconds{job="canary", instance="a"}'
const expiry = 'leadlight_canary_certificate_expiry_timestamp_seconds{job="canary", instance="a"}'

export const canary = [
  CanaryFailing.fires(
    '180 s after the last success the event pages',
    '10s',
    { [success('event')]: '0+10x12 120x30 430x5' },
    { '5m': 0, '5m10s': 1, '7m20s': 0 },
  ),
  CanaryFailing.fires(
    'and the row by itself',
    '10s',
    { [success('event')]: '0+10x60', [success('row')]: '0+10x12 120x60' },
    { '5m': 0, '5m10s': 1 },
  ),
  CanaryFailing.below(
    'a success every 180 s is silent',
    '10s',
    { [success('event')]: '0x17 180x17 360x17 540x10' },
    '10m',
  ),
  CanaryFailing.gap(
    'a canary that is gone says nothing here; that is a ticket of its own',
    '10s',
    { [success('event')]: '0+10x12 stale' },
    '10m',
  ),
  CanaryFailing.reset(
    'one that was started again has 180 s, and then pages',
    '10s',
    { [success('event')]: '0+10x6 _x3 100x30' },
    { '4m40s': 0, '4m50s': 1 },
  ),
  CanaryFailing.low(
    'an outage that is told of, and the minute after it, are silent',
    '10s',
    { [success('event')]: '0x48 480+10x10', 'ALERTS{alertname="IngestDown", alertstate="firing"}': '_x10 1x35 stale' },
    '9m',
  ),
  CanaryFailing.fires(
    'but not longer than that',
    '10s',
    { [success('event')]: '0x90', 'ALERTS{alertname="IngestDown", alertstate="firing"}': '_x10 1x35 stale' },
    { '8m50s': 0, '9m20s': 1 },
  ),
  CanaryFailing.low(
    'metrics and traces missing page nobody',
    '10s',
    {
      [success('event')]: '0+10x90',
      [success('row')]: '0+10x90',
      [success('metric')]: '0x90',
      [success('trace')]: '0x90',
    },
    '15m',
  ),

  CanaryTelemetryMissing.fires(
    'ten minutes without a trace are a ticket',
    '10s',
    { [success('trace')]: '0+10x6 60x70' },
    { '11m': 0, '11m10s': 1 },
  ),
  CanaryTelemetryMissing.fires(
    'and metric and trace one each',
    '10s',
    { [success('trace')]: '0x90', [success('metric')]: '0x90' },
    { '10m10s': 2 },
  ),
  CanaryTelemetryMissing.below(
    'a success every ten minutes is silent',
    '10s',
    { [success('trace')]: '0x60 600x60' },
    '20m',
  ),
  CanaryTelemetryMissing.gap(
    'a canary that is gone says nothing here',
    '10s',
    { [success('trace')]: '0+10x6 stale' },
    '20m',
  ),
  CanaryTelemetryMissing.low(
    'a canary without Prometheus has no metric to miss',
    '10s',
    { [success('event')]: '0x90', [success('trace')]: '0+10x90' },
    '15m',
  ),

  ClockSkewed.fires(
    'six seconds for ten minutes are a ticket, ahead',
    '1m',
    { [skew]: '0x4 6x20' },
    { '14m': 0, '15m': 1 },
  ),
  ClockSkewed.fires('and behind', '1m', { [skew]: '0x4 -6x20' }, { '15m': 1 }),
  ClockSkewed.below('five seconds are silent', '1m', { [skew]: '5x30' }, '30m'),
  ClockSkewed.below('nine minutes are silent', '1m', { [skew]: '6x8 0x20' }, '28m'),
  ClockSkewed.gap('without a canary nobody knows', '1m', { [skew]: '0x4 _x30' }, '30m'),

  CertificateExpiring.fires(
    'less than fourteen days left are a ticket',
    '1m',
    { [expiry]: '1210200x30' },
    { '10m': 0, '11m': 1 },
  ),
  CertificateExpiring.fires('so is one that has ended', '1m', { [expiry]: '60x30' }, { '5m': 1 }),
  CertificateExpiring.below('more than fourteen days are silent', '1m', { [expiry]: '1213200x30' }, '30m'),
  CertificateExpiring.low('an address without a certificate is silent', '1m', { [expiry]: '0x30' }, '30m'),
  CertificateExpiring.gap('without a canary nobody knows', '1m', {}, '30m'),
]
