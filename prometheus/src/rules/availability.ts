import { lost } from '../lost.ts'
import { readable } from '../readable.ts'
import { build, type Family, page, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

export const availability: Family = {
  name: 'availability',
  about: 'Whether the parts answer their scrapes at all.',
  rules: [
    page('IngestDown', {
      expr: 'max by (job) (up{job="ingest-service"}) == 0 or absent(up{job="ingest-service"})',
      summary: 'No ingest-service answers.',
      description: `Prometheus has reached no {{ $labels.job }} for ${readable(thresholds.IngestDown.for)}. Events wait in the browsers, and those of visitors who do not come back are lost.`,
      more: { lost },
      dashboard: 'ingest',
    }),
    ticket('IngestReplicaDown', {
      expr: 'up{job="ingest-service"} == 0',
      summary: 'One ingest-service does not answer.',
      description: `{{ $labels.instance }} has not answered for ${readable(thresholds.IngestReplicaDown.for)}.`,
      dashboard: 'ingest',
    }),
    page('CollectorDown', {
      expr: 'max by (job) (up{job="collector"}) == 0 or absent(up{job="collector"})',
      summary: 'The collector does not answer.',
      description: `Prometheus has not reached the {{ $labels.job }} for ${readable(thresholds.CollectorDown.for)}. Spans are refused; events are not affected.`,
      dashboard: 'pipeline',
    }),
    ticket('SpanMetricsDown', {
      // the collector itself is a page of its own
      expr: 'up{job="widget-spans"} == 0 and on () max(up{job="collector"}) == 1',
      summary: 'Span metrics cannot be scraped.',
      description: `The collector lives, but its span metrics have failed to be read for ${readable(thresholds.SpanMetricsDown.for)}: load times, error ratios and their alerts stand still.`,
      dashboard: 'pipeline',
    }),
    ticket('CanaryDown', {
      expr: 'max by (job) (up{job="canary"}) == 0 or absent(up{job="canary"})',
      summary: 'The canary does not answer.',
      description: `Prometheus has not reached the {{ $labels.job }} for ${readable(thresholds.CanaryDown.for)}. Nobody tries the whole way from a visitor to a row any more.`,
      dashboard: 'pipeline',
    }),
    build('Watchdog', 'none', {
      expr: 'vector(1)',
      summary: 'The way from Prometheus to the receivers works.',
      description: 'This alert always fires. Whoever stops hearing it must look for what broke in between.',
    }),
  ],
}
