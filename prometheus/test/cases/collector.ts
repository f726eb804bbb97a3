import { names } from '../case.ts'

const CollectorSeriesHigh = names('CollectorSeriesHigh')
const CollectorSeriesOverflow = names('CollectorSeriesOverflow')
const CollectorQueueCorrupt = names('CollectorQueueCorrupt')
const CollectorQueueFilling = names('CollectorQueueFilling')
const CollectorSpansLost = names('CollectorSpansLost')

const count = 'job:widget_span_calls:count{job="widget-spans"}'
const calls =
  'widget_span_calls_total{job="widget-spans", instance="a", span_name="widget_loaded", status_code="STATUS_CODE_OK", tenant_id="t1"}'
const overflow = (metric: string) => `${metric}{job="widget-spans", instance="a", otel_metric_overflow="true"}`
const corrupt = (files: string, job = 'collector') =>
  `target_info{job="${job}", instance="a", leadlight_queue_corrupt_files="${files}"}`
const size = 'otelcol_exporter_queue_size{job="collector", exporter="otlp_http/browser"}'
const capacity = 'otelcol_exporter_queue_capacity{job="collector", exporter="otlp_http/browser"}'
const failed = (what: string) => `otelcol_exporter_${what}_failed_spans{job="collector", exporter="otlp_http/browser"}`

export const collector = [
  CollectorSeriesHigh.fires(
    'more than 70 % of the fuse for a minute are a ticket',
    '10s',
    { [count]: '42000x12 42001x12 42000x5' },
    { '3m': 0, '3m20s': 1, '4m50s': 0 },
  ),
  CollectorSeriesHigh.below('exactly 70 % are silent', '10s', { [count]: '42000x60' }, '10m'),
  CollectorSeriesHigh.gap('a collector that is away is silent', '10s', { [count]: '42000x5 _x60' }, '10m'),
  CollectorSeriesHigh.reset(
    'one that counts from nothing again is silent',
    '1m',
    { [calls]: '100x5 _x10 0+1x15' },
    '30m',
  ),
  CollectorSeriesHigh.low('a single series is silent', '1m', { [calls]: '0+10x30' }, '30m'),

  CollectorSeriesOverflow.fires(
    'the first series without labels is a ticket, in the calls',
    '1m',
    { [overflow('widget_span_calls_total')]: '_x5 1 1 _x10' },
    { '4m': 0, '6m': 1, '14m': 0 },
  ),
  CollectorSeriesOverflow.fires(
    'and in the durations',
    '1m',
    { [overflow('widget_span_duration_seconds_count')]: '1x5' },
    { '1m': 1 },
  ),
  CollectorSeriesOverflow.below('series with labels are silent, however many', '1m', { [calls]: '0+10000x30' }, '30m'),
  CollectorSeriesOverflow.gap('a collector that is away is silent', '1m', { [calls]: '1x5 _x30' }, '30m'),
  CollectorSeriesOverflow.reset(
    'after a restart its series are gone, and so is the ticket',
    '1m',
    { [overflow('widget_span_calls_total')]: '1x5 stale' },
    { '5m': 1, '7m': 0 },
  ),

  CollectorQueueCorrupt.fires(
    'a corrupt queue is a ticket until its file is deleted',
    '1m',
    { [corrupt('0')]: '1x5 stale', [corrupt('12')]: '_x6 1x9 stale' },
    { '5m': 0, '7m': 1, '24m': 0 },
  ),
  CollectorQueueCorrupt.below('none is silent', '1m', { [corrupt('0')]: '1x30' }, '30m'),
  CollectorQueueCorrupt.gap(
    'a collector that does not count them is silent',
    '1m',
    { 'target_info{job="collector", instance="b"}': '1x30' },
    '30m',
  ),
  CollectorQueueCorrupt.low(
    'another program with such a label is silent',
    '1m',
    { [corrupt('1', 'widget-spans')]: '1x30' },
    '30m',
  ),

  CollectorQueueFilling.fires(
    'more than 70 % for two minutes page, and draining ends it',
    '10s',
    { [capacity]: '100x60', [size]: '0x5 71x20 10x30' },
    { '2m50s': 0, '3m': 1, '4m40s': 0 },
  ),
  CollectorQueueFilling.below('70 % are silent', '10s', { [capacity]: '100x60', [size]: '70x60' }, '10m'),
  CollectorQueueFilling.low(
    'a burst of a minute is silent',
    '10s',
    { [capacity]: '100x60', [size]: '0x5 99x6 0x40' },
    '8m',
  ),
  CollectorQueueFilling.gap(
    'a collector that is away is another alert',
    '10s',
    { [capacity]: '100x5 stale', [size]: '99x5 stale' },
    '9m',
  ),

  CollectorSpansLost.fires(
    'the first spans given up are a ticket though nothing was counted before',
    '1m',
    { [failed('send')]: '_x10 5x30' },
    { '9m': 0, '11m': 1, '35m': 0 },
  ),
  CollectorSpansLost.fires(
    'and so are later ones, and those that found no room',
    '1m',
    { [failed('enqueue')]: '5x20 6x20' },
    { '19m': 0, '22m': 1 },
  ),
  CollectorSpansLost.below('losses of long ago are silent', '1m', { [failed('send')]: '5x60' }, { '15m': 0, '60m': 0 }),
  CollectorSpansLost.gap('a collector that never lost any has no such counter', '1m', { [size]: '0x60' }, '60m'),
  CollectorSpansLost.reset('a restart at 0 is silent', '1m', { [failed('send')]: '0x20 0x40' }, '60m'),
]
