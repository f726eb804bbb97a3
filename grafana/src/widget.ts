// Widget health and funnel: is it fast, is it failing, where do visitors stop, and is anything refused?
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { apiCallSpan } from 'contract/spans'
import { dataSources, rows, series, traceLink } from './queries.ts'

const loads = `widget_span_duration_seconds_bucket{span_name="widget_loaded"}`
const calls = `widget_span_duration_seconds_bucket{span_name="${apiCallSpan}"}`

const overTime = (title: string, description: string, unit: string) =>
  new TimeSeries()
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .height(8)
    .datasource(dataSources.prometheus)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )

const loadTime = overTime(
  'Load time',
  'How long the widget took to load in visitors’ browsers: half, three quarters and 95 % of the loads were at most this long. Up to 2.5 s is good, above 4 s poor. The points are single loads and lead to their traces.',
  Seconds,
)
  .span(12)
  .withTarget(series('A', 'p50', `histogram_quantile(0.5, sum by (le) (rate(${loads}[$__rate_interval])))`))
  .withTarget(series('B', 'p75', `histogram_quantile(0.75, sum by (le) (rate(${loads}[$__rate_interval])))`))
  .withTarget(series('C', 'p95', `histogram_quantile(0.95, sum by (le) (rate(${loads}[$__rate_interval])))`))

const requests = overTime(
  'Event requests by outcome',
  'What ingest-service answered to batches of events: ok, refused (4xx: a wrong key, origin, form or a limit) or error (5xx: ours).',
  RequestsPerSecond,
)
  .span(12)
  .fillOpacity(30)
  .stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
  .withTarget(
    series(
      'A',
      '{{outcome}}',
      'sum by (outcome) (rate(leadlight_http_requests_total{route="events"}[$__rate_interval]))',
    ),
  )

const failed = 'operation:widget_api_calls_failed:increase5m'
const made = 'operation:widget_api_calls:increase5m'
const errorRatio = overTime(
  'API error ratio by operation',
  'Share of the calls to the widget’s API that failed, as browsers report it, over five minutes each. Above 20 % a ticket is opened.',
  PercentUnit,
)
  .span(12)
  .max(1)
  .withTarget(series('A', '{{estimate_widget_operation}}', `(${failed} or 0 * ${made}) / (${made} > 0)`))

const latency = overTime(
  'API latency by operation',
  '95 % of the calls to the widget’s API were at most this long, measured in the browser. The points are single calls and lead to their traces.',
  Seconds,
)
  .span(12)
  .withTarget(
    series(
      'A',
      '{{estimate_widget_operation}}',
      `histogram_quantile(0.95, sum by (estimate_widget_operation, le) (rate(${calls}[$__rate_interval])))`,
    ),
  )

const funnel = new BarGauge()
  .title('Funnel of all tenants')
  .description(
    'Sessions that began in the whole hours of the chosen time and have this step and all before it, in any order. From the stored events, so exact.',
  )
  .unit(Short)
  .min(0)
  .height(9)
  .span(8)
  .datasource(dataSources.postgres)
  .orientation(VizOrientation.Horizontal)
  .displayMode(BarGaugeDisplayMode.Basic)
  .valueMode(BarGaugeValueMode.Text)
  .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs([]).fields('/^sessions$/'))
  .withTarget(
    rows(`
      select step, coalesce(count, 0)::float8 as sessions
      from (
        select sum(sessions) as loaded, sum(opened) as opened, sum(message) as message, sum(estimate) as estimate, sum(lead) as lead, sum(quote) as quote
        from dashboards.funnel_hourly
        where $__timeFilter(hour)
      ) as total
      cross join lateral (
        values (1, 'Loaded', loaded), (2, 'Opened', opened), (3, 'Message', message), (4, 'Estimate', estimate), (5, 'Lead', lead), (6, 'Quote', quote)
      ) as steps (position, step, count)
      order by position`),
  )

const ratio = [{ id: 'unit', value: PercentUnit }]
const tenants = new Table()
  .title('Funnel by tenant')
  .description(
    'The tenants with the most sessions in the chosen time, and which share of the opened widgets led to an estimate, a lead, a quote.',
  )
  .unit(Short)
  .height(9)
  .span(16)
  .datasource(dataSources.postgres)
  .overrideByRegexp('/ rate$/', ratio)
  .withTarget(
    rows(`
      select
        tenant_name as "Tenant",
        sum(sessions)::float8 as "Sessions",
        sum(opened)::float8 as "Opened",
        (sum(opened) / nullif(sum(sessions), 0))::float8 as "Engagement rate",
        (sum(estimate) / nullif(sum(opened), 0))::float8 as "Estimate rate",
        (sum(lead) / nullif(sum(opened), 0))::float8 as "Lead rate",
        (sum(quote) / nullif(sum(opened), 0))::float8 as "Quote rate"
      from dashboards.funnel_hourly
      where $__timeFilter(hour)
      group by tenant_id, tenant_name
      order by 2 desc
      limit 50`),
  )

const leads = new Table()
  .title('Leads and quotes')
  .description(
    'The newest leads and requests for a quote in the chosen time. A click on the trace shows the visit while the trace store still holds it.',
  )
  .unit('string')
  .height(10)
  .span(24)
  .datasource(dataSources.postgres)
  .overrideByName('Time', [{ id: 'unit', value: 'dateTimeAsIso' }])
  .overrideByName('Trace', [{ id: 'links', value: [traceLink()] }])
  .withTarget(
    rows(`
      select occurred_at as "Time", tenant_name as "Tenant", type as "Type", page as "Page", trace_id as "Trace"
      from dashboards.leads
      where $__timeFilter(occurred_at)
      order by occurred_at desc
      limit 200`),
  )

export const widget = new DashboardBuilder('Leadlight: widget health and funnel')
  .uid('leadlight-widget')
  .description('What visitors see of the widget, where they stop, and whether their events are taken.')
  .tags(['leadlight'])
  .readonly()
  .timezone('browser')
  .time({ from: 'now-6h', to: 'now' })
  .refresh('30s')
  .withRow(new RowBuilder('Health').id(1))
  .withPanel(loadTime.id(2))
  .withPanel(requests.id(3))
  .withPanel(errorRatio.id(4))
  .withPanel(latency.id(5))
  .withRow(new RowBuilder('Funnel').id(6))
  .withPanel(funnel.id(7))
  .withPanel(tenants.id(8))
  .withPanel(leads.id(9))
