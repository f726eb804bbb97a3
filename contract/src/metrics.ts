// Every metric name and label that a rule, a dashboard or a runbook may use. Imports nothing but the contract's words.

/** Metrics that ingest-service exports, with their labels. */
export const serviceMetrics = {
  leadlight_build_info: ['version'],
  leadlight_http_requests_total: ['route', 'outcome'],
  leadlight_http_request_duration_seconds: ['route', 'outcome'],
  leadlight_http_problems_total: ['code'],
  leadlight_events_total: ['outcome'],
  leadlight_events_rejected_total: ['reason', 'tenant_class'],
  leadlight_events_ignored_total: ['reason'],
  leadlight_client_dropped_total: ['reason'],
  leadlight_spans_requests_total: ['outcome'],
  leadlight_writer_queue_rows: [],
  leadlight_writer_queue_bytes: [],
  leadlight_writer_group_rows: [],
  leadlight_writer_commit_duration_seconds: [],
  leadlight_database_up: [],
  leadlight_database_connections: ['state'],
  leadlight_database_connections_max: [],
  leadlight_database_longest_transaction_seconds: [],
  leadlight_database_size_bytes: [],
  leadlight_volume_free_bytes: ['volume'],
  leadlight_volume_size_bytes: ['volume'],
  leadlight_future_partitions: [],
  leadlight_oldest_event_age_days: [],
  leadlight_retention_last_success_timestamp_seconds: [],
  leadlight_rollup_lag_seconds: [],
  leadlight_expected_hourly_visitors: [],
  leadlight_expected_hourly_leads: [],
  leadlight_expected_tenants: [],
  leadlight_tenant_silent: ['tenant_id'],
  leadlight_tenants_expected: [],
  leadlight_tenants_silent: [],
  leadlight_tenant_silence_last_success_timestamp_seconds: [],
} as const satisfies Record<string, readonly string[]>

/** Metrics that the canary exports, with their labels. */
export const canaryMetrics = {
  leadlight_canary_last_success_timestamp_seconds: ['check'],
  leadlight_canary_delay_seconds: ['check'],
  leadlight_canary_checks_total: ['check', 'outcome'],
  leadlight_canary_clock_skew_seconds: [],
  leadlight_canary_certificate_expiry_timestamp_seconds: [],
} as const satisfies Record<string, readonly string[]>

/** `check` of the canary: the event was answered, its row, its span's metric and its trace were found. */
export const canaryChecks = ['event', 'row', 'metric', 'trace'] as const
export type CanaryCheck = (typeof canaryChecks)[number]
/** `outcome` of a check. */
export const canaryOutcomes = ['success', 'failure'] as const

/** `tenant_class` of a tenant: whether it is a contractor's or the canary's. */
export const tenantClasses = ['ordinary', 'canary'] as const
export type TenantClass = (typeof tenantClasses)[number]

/** `state` of a database connection. */
export const connectionStates = ['active', 'idle', 'idle_in_transaction', 'other'] as const

/** `outcome` of a request: `error` is 5xx, `refused` 4xx. */
export const requestOutcomes = ['ok', 'refused', 'error'] as const
/** `outcome` of an event. */
export const eventOutcomes = ['accepted', 'duplicate', 'ignored', 'rejected'] as const
/** `route` of a request on the public port. */
export const routes = ['events', 'traces', 'analytics', 'portal', 'widget', 'openapi', 'other'] as const

/** Metrics that the collector makes of the browsers' spans, with their labels. */
export const spanMetrics = {
  widget_span_calls_total: ['span_name', 'status_code', 'tenant_id', 'estimate_widget_operation'],
  widget_span_duration_seconds: ['span_name', 'status_code', 'estimate_widget_operation'],
} as const satisfies Record<string, readonly string[]>

/** The label of the one series that takes what the collector's fuse keeps from becoming series; it has no other. */
export const overflowLabel = 'otel_metric_overflow'

/** `status_code` of a span: how OpenTelemetry's three states are spelled in span metrics. */
export const spanStatusCodes = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] as const

/** Recorded by our rules, with their labels: `level:metric:operations`. */
export const recordedMetrics = {
  'job:widget_span_calls:count': ['job'],
  'objective:leadlight_error_budget_left:ratio': ['objective'],
  'operation:widget_api_calls:increase5m': ['estimate_widget_operation'],
  'operation:widget_api_calls_failed:increase5m': ['estimate_widget_operation'],
  'tenant_id:widget_api_calls:increase15m': ['tenant_id'],
  'tenant_id:widget_api_calls_failed:increase15m': ['tenant_id'],
  'route:leadlight_http_requests:increase1h': ['route'],
  'route:leadlight_http_requests_failed:increase1h': ['route'],
  'route:leadlight_http_requests_slow:increase1h': ['route'],
  'route:leadlight_http_requests:increase5m': ['route'],
  'route:leadlight_http_requests_failed:increase5m': ['route'],
  'route:leadlight_http_requests_slow:increase5m': ['route'],
  'route:leadlight_http_requests:increase6h': ['route'],
  'route:leadlight_http_requests_failed:increase6h': ['route'],
  'route:leadlight_http_requests_slow:increase6h': ['route'],
  'route:leadlight_http_requests:increase30m': ['route'],
  'route:leadlight_http_requests_failed:increase30m': ['route'],
  'route:leadlight_http_requests_slow:increase30m': ['route'],
  'route:leadlight_http_requests:increase3d': ['route'],
  'route:leadlight_http_requests_failed:increase3d': ['route'],
  'route:leadlight_http_requests_slow:increase3d': ['route'],
  'le:widget_loads:rate5m': ['le'],
  'operation_le:widget_api_calls:rate5m': ['estimate_widget_operation', 'le'],
  'le:leadlight_http_requests:rate5m': ['le'],
  'le:leadlight_writer_commits:rate5m': ['le'],
  'le:leadlight_writer_groups:rate5m': ['le'],
  'outcome:leadlight_events:rate5m': ['outcome'],
  'reason:leadlight_events_rejected:rate5m': ['reason'],
  'reason:leadlight_events_ignored:rate5m': ['reason'],
  'reason:leadlight_client_dropped:rate5m': ['reason'],
  'check_outcome:leadlight_canary_checks:rate5m': ['check', 'outcome'],
  'job:leadlight_client_dropped:rate5m': ['job'],
  'job:leadlight_events_stored:rate5m': ['job'],
} as const satisfies Record<string, readonly string[]>

/** Metrics of others that our rules, dashboards and runbooks use, with the labels they use; checked against a live scrape. */
export const foreignMetrics = {
  up: [],
  scrape_samples_post_metric_relabeling: [],
  ALERTS: ['alertname', 'alertstate', 'severity'],
  prometheus_notifications_alertmanagers_discovered: [],
  prometheus_notifications_errors_total: ['alertmanager'],
  prometheus_notifications_dropped_total: [],
  prometheus_rule_evaluation_failures_total: ['rule_group'],
  prometheus_config_last_reload_successful: [],
  alertmanager_notifications_failed_total: ['integration'],
  alertmanager_config_last_reload_successful: [],
  otelcol_exporter_queue_size: ['exporter'],
  otelcol_exporter_queue_capacity: ['exporter'],
  otelcol_exporter_sent_spans: ['exporter'],
  otelcol_processor_filter_spans_filtered: ['filter'],
  target_info: ['leadlight_queue_corrupt_files'],
} as const satisfies Record<string, readonly string[]>

/** Counters of others that do not exist before what they count has happened for the first time. */
export const lateMetrics = {
  otelcol_exporter_send_failed_spans: ['exporter'],
  otelcol_exporter_enqueue_failed_spans: ['exporter'],
} as const satisfies Record<string, readonly string[]>

/** What only an operator's own jobs can export; alerts on them are silent without. */
export const operatorMetrics = {
  leadlight_backup_last_success_timestamp_seconds: [],
} as const satisfies Record<string, readonly string[]>

/** Labels that the scrape puts on every metric. */
export const scrapeLabels = ['job', 'instance'] as const
/** Scrape jobs: the value of `job`. */
export const jobs = ['ingest-service', 'canary', 'collector', 'widget-spans', 'prometheus', 'alertmanager'] as const

/** Whom an alert is for: on-call, the ticket box, nobody (the watchdog). */
export const severities = ['critical', 'warning', 'none'] as const
