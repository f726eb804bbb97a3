import { unlessExplained } from '../explained.ts'
import { readable } from '../readable.ts'
import { type Family, page, record, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const {
  WidgetLoadSlow,
  WidgetErrorRateHigh,
  WidgetApiErrorRateHigh,
  WidgetApiSlow,
  WidgetApiFailingWidely,
  TenantApiErrorRateHigh,
} = thresholds
const percent = (share: number) => `${share * 100} %`
const calls = 'widget_span_calls_total{span_name="api_call"}'
const failedCalls = 'widget_span_calls_total{span_name="api_call", status_code="STATUS_CODE_ERROR"}'
const window = TenantApiErrorRateHigh.window

export const widget: Family = {
  name: 'widget',
  about:
    "What visitors' browsers report. A browser can lie, so these open tickets; a page needs a symptom of our own servers too.",
  rules: [
    record('operation:widget_api_calls:increase5m', `sum by (estimate_widget_operation) (increase(${calls}[5m]))`),
    record(
      'operation:widget_api_calls_failed:increase5m',
      `sum by (estimate_widget_operation) (increase(${failedCalls}[5m]))`,
    ),
    record(`tenant_id:widget_api_calls:increase${window}`, `sum by (tenant_id) (increase(${calls}[${window}]))`),
    record(
      `tenant_id:widget_api_calls_failed:increase${window}`,
      `sum by (tenant_id) (increase(${failedCalls}[${window}]))`,
    ),

    ticket('WidgetLoadSlow', {
      expr: `
        histogram_quantile(${WidgetLoadSlow.quantile}, sum by (le) (increase(widget_span_duration_seconds_bucket{span_name="widget_loaded"}[${WidgetLoadSlow.window}]))) > ${WidgetLoadSlow.seconds}
        and
        sum(increase(widget_span_duration_seconds_count{span_name="widget_loaded"}[${WidgetLoadSlow.window}])) >= ${WidgetLoadSlow.loads}`,
      summary: 'The widget loads slowly.',
      description: `A quarter of the loads of the last ${readable(WidgetLoadSlow.window)} took longer than {{ $value | humanizeDuration }}.`,
      dashboard: 'widget-health',
    }),
    ticket('WidgetErrorRateHigh', {
      expr: `
        sum(increase(widget_span_calls_total{span_name="widget_error"}[${WidgetErrorRateHigh.window}])) >= ${WidgetErrorRateHigh.errors}
        and
        sum(increase(widget_span_calls_total{span_name="widget_error"}[${WidgetErrorRateHigh.window}])) > ${WidgetErrorRateHigh.share} * sum(increase(widget_span_calls_total{span_name="widget_loaded"}[${WidgetErrorRateHigh.window}]))`,
      summary: "The widget fails in visitors' browsers.",
      description: `{{ $value | printf "%.0f" }} errors in the last ${readable(WidgetErrorRateHigh.window)}, more than one in ${1 / WidgetErrorRateHigh.share} loads.`,
      dashboard: 'widget-health',
    }),
    ticket('WidgetApiErrorRateHigh', {
      // Of one operation, or of all together. The guard counts failed calls, not calls: a single failure never fires, however quiet it is.
      expr: `
        (
            operation:widget_api_calls_failed:increase5m / operation:widget_api_calls:increase5m > ${WidgetApiErrorRateHigh.share}
          and
            operation:widget_api_calls_failed:increase5m >= ${WidgetApiErrorRateHigh.failed}
        )
        or
        (
            sum(operation:widget_api_calls_failed:increase5m) / sum(operation:widget_api_calls:increase5m) > ${WidgetApiErrorRateHigh.share}
          and
            sum(operation:widget_api_calls_failed:increase5m) >= ${WidgetApiErrorRateHigh.failed}
        )`,
      summary: "Calls to the widget's API fail in visitors' browsers.",
      description:
        '{{ $value | humanizePercentage }} of {{ with $labels.estimate_widget_operation }}{{ . }}{{ else }}all{{ end }} calls failed in the last 5 min.',
      dashboard: 'widget-health',
    }),
    ticket('WidgetApiSlow', {
      expr: `
        histogram_quantile(${WidgetApiSlow.quantile}, sum by (estimate_widget_operation, le) (increase(widget_span_duration_seconds_bucket{span_name="api_call"}[${WidgetApiSlow.window}]))) > ${WidgetApiSlow.seconds}
        and
        sum by (estimate_widget_operation) (increase(widget_span_duration_seconds_count{span_name="api_call"}[${WidgetApiSlow.window}])) >= ${WidgetApiSlow.calls}`,
      summary: "The widget's API answers slowly.",
      description: `One in ten {{ $labels.estimate_widget_operation }} calls of the last ${readable(WidgetApiSlow.window)} took longer than {{ $value | humanizeDuration }}.`,
      dashboard: 'widget-health',
    }),
    ticket('TenantApiErrorRateHigh', {
      expr: `
        tenant_id:widget_api_calls_failed:increase${window} / (tenant_id:widget_api_calls:increase${window} >= ${TenantApiErrorRateHigh.calls}) > ${TenantApiErrorRateHigh.share}`,
      summary: "Calls to the widget's API fail for one tenant.",
      description: `{{ $value | humanizePercentage }} of those of {{ $labels.tenant_id }} failed in the last ${readable(window)}.`,
      dashboard: 'tenant',
    }),
    page('WidgetApiFailingWidely', {
      // browsers of several tenants agree, and a server of ours says so as well
      expr: `
        count(
            tenant_id:widget_api_calls_failed:increase${window} / tenant_id:widget_api_calls:increase${window} > ${WidgetApiFailingWidely.share}
          and
            tenant_id:widget_api_calls_failed:increase${window} >= ${WidgetApiFailingWidely.failed}
        ) >= ${WidgetApiFailingWidely.tenants}
        and on ()
        (
            sum(route:leadlight_http_requests_failed:increase5m{route=~"events|traces"}) >= ${WidgetApiFailingWidely.failed}
          or
            min(leadlight_database_up) == 0
          or
            time() - max(leadlight_canary_last_success_timestamp_seconds{check="event"}) > ${thresholds.CanaryFailing.seconds}
        )
        ${unlessExplained('IngestDown|DatabaseDown', window)}`,
      for: WidgetApiFailingWidely.for,
      summary: "Calls to the widget's API fail for several tenants, and so do our own servers.",
      description: `More than ${percent(WidgetApiFailingWidely.share)} of the calls of {{ $value }} tenants failed in the last ${readable(window)}.`,
      dashboard: 'widget-health',
    }),
  ],
}
