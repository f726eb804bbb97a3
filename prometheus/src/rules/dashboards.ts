import { type Family, record } from '../rule.ts'

export const dashboards: Family = {
  name: 'dashboards',
  about:
    'What dashboards draw, added up as it comes: a graph of months then reads a few series instead of every bucket, tenant and operation.',
  rules: [
    record(
      'le:widget_loads:rate5m',
      'sum by (le) (rate(widget_span_duration_seconds_bucket{span_name="widget_loaded"}[5m]))',
    ),
    record(
      'operation_le:widget_api_calls:rate5m',
      'sum by (estimate_widget_operation, le) (rate(widget_span_duration_seconds_bucket{span_name="api_call"}[5m]))',
    ),
    record(
      'le:leadlight_http_requests:rate5m',
      'sum by (le) (rate(leadlight_http_request_duration_seconds_bucket{route="events"}[5m]))',
    ),
    record(
      'le:leadlight_writer_commits:rate5m',
      'sum by (le) (rate(leadlight_writer_commit_duration_seconds_bucket[5m]))',
    ),
    record('outcome:leadlight_events:rate5m', 'sum by (outcome) (rate(leadlight_events_total[5m]))'),
    record(
      'reason:leadlight_events_rejected:rate5m',
      'sum by (reason) (rate(leadlight_events_rejected_total{tenant_class="ordinary"}[5m]))',
    ),
    record('reason:leadlight_events_ignored:rate5m', 'sum by (reason) (rate(leadlight_events_ignored_total[5m]))'),
    record('reason:leadlight_client_dropped:rate5m', 'sum by (reason) (rate(leadlight_client_dropped_total[5m]))'),
    record(
      'check_outcome:leadlight_canary_checks:rate5m',
      'sum by (check, outcome) (rate(leadlight_canary_checks_total[5m]))',
    ),
    record('job:leadlight_client_dropped:rate5m', 'sum by (job) (rate(leadlight_client_dropped_total[5m]))'),
    record('job:leadlight_events_stored:rate5m', 'sum by (job) (rate(leadlight_events_total{outcome="accepted"}[5m]))'),
    record('le:leadlight_writer_groups:rate5m', 'sum by (le) (rate(leadlight_writer_group_rows_bucket[5m]))'),
  ],
}
