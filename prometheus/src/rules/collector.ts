import { readFileSync } from 'node:fs'
import { maxTenants } from 'contract/limits'
import { seriesLimits } from 'contract/series'
import { type Family, page, record, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const { CollectorQueueFilling, CollectorSpansLost } = thresholds
const config = readFileSync(new URL('../../../collector/config.yaml', import.meta.url), 'utf8')
const buckets = /buckets: \[([^\]]*)\]/.exec(config)?.[1]?.split(',').length ?? 0
const { fuse, warning } = seriesLimits(Number(process.env.TENANTS_MAX || maxTenants), buckets)

/** A counter that does not exist before its first failure: what it shows when it appears counts as well. */
const rises = (counter: string, window: string) =>
  `sum by (exporter) (increase(${counter}[${window}])) > 0 or sum by (exporter) (${counter} unless ${counter} offset ${window}) > 0`

export const collector: Family = {
  name: 'collector',
  about:
    'Whether the collector keeps what it is given: series within what the contract allows, a queue with room that can be read.',
  rules: [
    record('job:widget_span_calls:count', 'count by (job) (widget_span_calls_total)'),
    ticket('CollectorSeriesHigh', {
      // more than browsers can cause with as many tenants as it is laid out for (`npm run series`)
      expr: `job:widget_span_calls:count > ${warning}`,
      summary: 'Span metrics have more series than they should.',
      description: `More than ${warning} series of calls. At ${fuse} the collector stops making new ones, and what is then new is seen without its labels.`,
      dashboard: 'pipeline',
    }),
    ticket('CollectorSeriesOverflow', {
      expr: `
        count by (job) (
          widget_span_calls_total{otel_metric_overflow="true"} or widget_span_duration_seconds_count{otel_metric_overflow="true"}
        )`,
      summary: 'The collector has stopped making new series of span metrics.',
      description:
        "Its fuse is reached. Calls of new tenants, operations and failures are counted without their labels, so the alerts on browsers' calls see too few.",
      dashboard: 'pipeline',
    }),
    ticket('CollectorQueueCorrupt', {
      // `0` or no label at all is a queue that has never been corrupt
      expr: 'target_info{job="collector", leadlight_queue_corrupt_files=~"[1-9].*"}',
      summary: 'The collector has moved a corrupt queue aside.',
      description:
        'Corrupt files beside the queue of {{ $labels.instance }}: {{ $labels.leadlight_queue_corrupt_files }}. The spans in them have not reached the trace store.',
      dashboard: 'pipeline',
    }),
    page('CollectorQueueFilling', {
      expr: `max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity) > ${CollectorQueueFilling.share}`,
      summary: "The collector's queue is filling.",
      description:
        '{{ $value | humanizePercentage }} of it is used: {{ $labels.exporter }} takes less than comes in. When it is full, spans are lost.',
      dashboard: 'pipeline',
    }),
    ticket('CollectorSpansLost', {
      expr: `
        ${rises('otelcol_exporter_send_failed_spans', CollectorSpansLost.window)}
        or
        ${rises('otelcol_exporter_enqueue_failed_spans', CollectorSpansLost.window)}`,
      summary: 'The collector has given up spans.',
      description:
        '{{ $value | printf "%.0f" }} spans for {{ $labels.exporter }} were refused for good or found no room.',
      dashboard: 'pipeline',
    }),
  ],
}
