// One tenant: how do this contractor's visitors fare?
import { PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { buildDashboard } from './dashboard.ts'
import { tenantUid, traceLink } from './links.ts'
import { lines, states, table } from './panels.ts'
import { rows, series } from './queries.ts'
import { any, tenantErrorRatio } from './thresholds.ts'
import { eventsInTime } from './time.ts'
import { operations, tenant as tenantVariable } from './variables.ts'
import {
  breakdown,
  dateTime,
  funnelBars,
  newestLeads,
  ofTenant,
  rateNumbers,
  visitNumbers,
  visitsOverTime,
} from './visits.ts'

const calls = (failed = '') => `tenant_id:widget_api_calls${failed}:increase15m{tenant_id=\${tenant:json}}`
const errorRatio = lines({
  title: 'API error ratio',
  description:
    'Share of the calls to the widget’s API that failed, as this tenant’s visitors’ browsers report it. Only a few calls say little.',
  unit: PercentUnit,
  empty: 'No calls reported',
  width: 12,
  thresholds: tenantErrorRatio,
  runbooks: ['TenantApiErrorRateHigh'],
  queries: [
    series(
      'failed',
      // who has had no failure has no series of failures
      `(${calls('_failed')} or 0 * ${calls()}) / (${calls()} > 0)`,
    ),
  ],
}).max(1)

const silence = states({
  title: 'Silent',
  description: 'Red while this tenant usually has visits at this hour of this weekday and has none.',
  unit: 'bool_yes_no',
  empty: 'No visits are expected',
  width: 12,
  thresholds: any,
  runbooks: ['TenantSilent'],
  queries: [series('silent', `max(leadlight_tenant_silent{tenant_id=\${tenant:json}})`)],
})

const errors = table({
  title: 'Errors reported',
  description:
    'The newest errors that this tenant’s visitors’ browsers reported. A click on the trace shows the visit while the trace store still holds it.',
  unit: 'string',
  empty: 'No errors reported',
  width: 24,
  queries: [
    rows(`
      select occurred_at as "Time", error_type as "Error", source as "Source", operation as "Operation", page as "Page", widget_version as "Version", trace_id as "Trace"
      from dashboards.errors
      where ${ofTenant} and ${eventsInTime}
      order by occurred_at desc
      limit 100`),
  ],
})
  .overrideByName('Time', [dateTime])
  .overrideByName('Trace', [traceLink])

export const tenant = buildDashboard({
  uid: tenantUid,
  title: 'One tenant',
  question: 'How do this contractor’s visitors fare?',
  from: 'now-7d',
  refresh: '1m',
  variables: [tenantVariable, operations],
  rows: [
    {
      title: 'Visits',
      panels: [
        funnelBars(ofTenant),
        rateNumbers(ofTenant),
        visitNumbers(ofTenant),
        visitsOverTime(ofTenant),
        errorRatio,
        silence,
        breakdown('By device', 'device', ofTenant),
        breakdown('By source', 'source', ofTenant),
        breakdown('By page', 'page', ofTenant),
      ],
    },
    { title: 'Leads and errors', panels: [newestLeads(ofTenant), errors] },
  ],
})
