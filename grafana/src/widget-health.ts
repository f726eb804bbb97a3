// Widget health: is the widget fast and working in visitors' browsers, and for whom is it not?
import { PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { apiCallSpan } from 'contract/spans'
import { goodLoadSeconds, poorLoadSeconds } from 'contract/thresholds'
import { buildDashboard } from './dashboard.ts'
import { traceLink } from './links.ts'
import { lines, stack, table } from './panels.ts'
import { exemplars, rows, series } from './queries.ts'
import { apiErrorRatio, apiSeconds, loadSeconds } from './thresholds.ts'
import { eventsInTime } from './time.ts'
import { operations } from './variables.ts'
import { dateTime, percent } from './visits.ts'

const loads = 'le:widget_loads:rate5m'
const calls = 'operation_le:widget_api_calls:rate5m'
const spansOf = (name: string) => `widget_span_duration_seconds_bucket{span_name="${name}"}`
const quantile = (q: number, of: string) => `histogram_quantile(${q}, ${of})`
/** A whole bound is spelled in two ways. */
const whole = (seconds: number) => `${seconds}|${seconds}.0`
const failed = 'operation:widget_api_calls_failed:increase5m'
const made = 'operation:widget_api_calls:increase5m'

const seconds = { id: 'unit', value: Seconds }

const loadTime = lines({
  title: 'Load time',
  description:
    'How long the widget took to load in visitors’ browsers: half, three quarters and 95 % of the loads were at most this long. Up to 2.5 s is good, above 4 s poor. The points are single loads and lead to their traces.',
  unit: Seconds,
  empty: 'No loads reported',
  width: 12,
  thresholds: loadSeconds,
  runbooks: ['WidgetLoadSlow'],
  queries: [
    series('p50', quantile(0.5, loads)),
    series('p75', quantile(0.75, loads)),
    series('p95', quantile(0.95, loads)),
    exemplars(spansOf('widget_loaded')),
  ],
})

const speeds = stack({
  title: 'Loads by speed',
  description:
    'Loads a second: good took up to 2.5 s, fair up to 4 s, poor longer. Spans are best effort: for exact numbers of visits see the funnel.',
  unit: RequestsPerSecond,
  empty: 'No loads reported',
  width: 12,
  queries: [
    series('good', `sum(${loads}{le=~"${goodLoadSeconds}"})`),
    series('fair', `sum(${loads}{le=~"${whole(poorLoadSeconds)}"}) - sum(${loads}{le=~"${goodLoadSeconds}"})`),
    series('poor', `sum(${loads}{le="+Inf"}) - sum(${loads}{le=~"${whole(poorLoadSeconds)}"})`),
  ],
})

/** Of loads by `column`: how many, with how many errors, and the times that half, three quarters and 95 % do not exceed. */
const loadTimes = (column: string) => `(
        select
          name,
          sum(loads)::float8 as loads,
          sum(errors)::float8 as errors,
          min(load_seconds) filter (where place >= 0.5 * last) as p50,
          min(load_seconds) filter (where place >= 0.75 * last) as p75,
          min(load_seconds) filter (where place >= 0.95 * last) as p95
        from (
          select
            coalesce(${column}, 'unknown') as name,
            load_seconds,
            sum(loads) as loads,
            sum(errors) as errors,
            sum(sum(loads)) over (partition by coalesce(${column}, 'unknown') order by load_seconds) as place,
            sum(sum(loads)) over (partition by coalesce(${column}, 'unknown')) as last
          from dashboards.loads_and_errors($__timeFrom(), $__timeTo())
          group by 1, 2
        ) as placed
        group by 1
      ) as loads`

const byDevice = table({
  title: 'By device',
  description:
    'Visits by kind of device: how many there were, which share of them met an error, and how long their loads took. From the stored events; times of hours that are over are right to 4 %.',
  unit: Short,
  empty: 'No visits',
  width: 12,
  queries: [
    rows(`
      select name as "Device", visits as "Visits", failed / visits as "Visits with errors", p50 as "Load p50", p75 as "Load p75", p95 as "Load p95"
      from (
        select coalesce(value, 'unknown') as name, sum(visits)::float8 as visits, sum(failed)::float8 as failed
        from dashboards.visits_by('device', $__timeFrom(), $__timeTo())
        group by 1
      ) as visits
      left join ${loadTimes('device')} using (name)
      order by 2 desc`),
  ],
})
  .overrideByName('Visits with errors', [percent])
  .overrideByRegexp('/^Load /', [seconds])

const byVersion = table({
  title: 'By version',
  description:
    'Loads and reported errors by version of the widget: a new version that is slower or fails more stands out. From the stored events; times of hours that are over are right to 4 %.',
  unit: Short,
  empty: 'No loads',
  width: 12,
  queries: [
    rows(`
      select name as "Version", loads as "Loads", errors as "Errors", errors / loads as "Errors per load", p50 as "Load p50", p75 as "Load p75", p95 as "Load p95"
      from ${loadTimes('widget_version')}
      where loads > 0
      order by loads desc
      limit 20`),
  ],
})
  .overrideByName('Errors per load', [percent])
  .overrideByRegexp('/^Load /', [seconds])

const errorRatio = lines({
  title: 'API error ratio by operation',
  description:
    'Share of the calls to the widget’s API that failed, as browsers report it, over five minutes each. Above 20 % a ticket is opened.',
  unit: PercentUnit,
  empty: 'No calls reported',
  width: 12,
  thresholds: apiErrorRatio,
  runbooks: ['WidgetApiErrorRateHigh', 'WidgetApiFailingWidely'],
  queries: [series('{{estimate_widget_operation}}', `(${failed} or 0 * ${made}) / (${made} > 0)`)],
}).max(1)

const latency = lines({
  title: 'API latency by operation',
  description:
    '95 % of the calls to the widget’s API were at most this long, measured in the browser. The points are single calls and lead to their traces.',
  unit: Seconds,
  empty: 'No calls reported',
  width: 12,
  thresholds: apiSeconds,
  runbooks: ['WidgetApiSlow'],
  queries: [series('{{estimate_widget_operation}}', quantile(0.95, calls)), exemplars(spansOf(apiCallSpan))],
})

const apiCalls = stack({
  title: 'API calls by operation',
  description: 'Calls to the widget’s API a second, as browsers report them.',
  unit: RequestsPerSecond,
  empty: 'No calls reported',
  width: 12,
  queries: [series('{{estimate_widget_operation}}', `${made} / 300`)],
})

const errorKinds = table({
  title: 'Errors reported',
  description:
    'What browsers reported as errors, most frequent first, with the newest trace of each, which shows the visit while the trace store still holds it.',
  unit: Short,
  empty: 'No errors reported',
  width: 12,
  runbooks: ['WidgetErrorRateHigh'],
  queries: [
    rows(`
      select
        error_type as "Error",
        source as "Source",
        operation as "Operation",
        count(*)::float8 as "Errors",
        count(distinct session_id)::float8 as "Visits",
        count(distinct tenant_id)::float8 as "Tenants",
        max(occurred_at) as "Last",
        (array_agg(trace_id order by occurred_at desc) filter (where trace_id is not null))[1] as "Trace"
      from dashboards.errors
      where ${eventsInTime}
      group by 1, 2, 3
      order by 4 desc, 1, 2, 3
      limit 50`),
  ],
})
  .overrideByName('Last', [dateTime])
  .overrideByName('Trace', [traceLink])

export const widgetHealth = buildDashboard({
  uid: 'leadlight-widget-health',
  title: 'Widget health',
  question: 'Is the widget fast and working in visitors’ browsers, and for whom is it not?',
  from: 'now-24h',
  refresh: '1m',
  variables: [operations],
  rows: [
    { title: 'Loading', panels: [loadTime, speeds, byDevice, byVersion] },
    { title: 'Failing', panels: [errorRatio, latency, apiCalls, errorKinds] },
  ],
})
