// Funnel across tenants: where do visitors stop, everywhere or at one tenant?
import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { buildDashboard } from './dashboard.ts'
import { tenantLink } from './links.ts'
import { lines, table } from './panels.ts'
import { latestRows, rows, rowsOverTime, series } from './queries.ts'
import { operations } from './variables.ts'
import {
  breakdown,
  funnelBars,
  newestLeads,
  ofAll,
  percent,
  rateColumns,
  rateNumbers,
  rates,
  visitNumbers,
  visitsOverTime,
} from './visits.ts'

const leadRate = lines({
  title: 'Lead capture by day, and as usual',
  description:
    'Share of the opened widgets that led to a lead, by day (UTC), beside the same weekday of the four weeks before. When a day has less than half of the usual a ticket is opened.',
  unit: PercentUnit,
  empty: 'No visits',
  width: 12,
  runbooks: ['LeadRateFallen'],
  queries: [
    rowsOverTime(`
      with days as (
        select date_trunc('day', quarter, 'UTC') as day, sum(opened) as opened, sum(opened_lead) as leads
        from dashboards.quarter_hours
        where quarter >= $__timeFrom()::timestamptz - interval '29 days' and quarter < $__timeTo()
        group by 1
      )
      select
        today.day as time,
        today.leads::float8 / nullif(today.opened, 0) as "this day",
        sum(before.leads)::float8 / nullif(sum(before.opened), 0)::float8 as "as usual"
      from days as today
      left join days as before
        on before.day in (today.day - interval '7 days', today.day - interval '14 days', today.day - interval '21 days', today.day - interval '28 days')
      where today.day >= date_trunc('day', $__timeFrom()::timestamptz, 'UTC')
      group by today.day, today.leads, today.opened
      order by 1`),
  ],
})

const byTenant = table({
  title: 'By tenant',
  description:
    'The tenants with the most visits, with the rates of the contractor’s portal. A click on the name leads to the tenant’s own dashboard.',
  unit: Short,
  empty: 'No visits',
  width: 24,
  height: 10,
  queries: [
    rows(`
      select
        tenant_name as "Tenant",
        sum(reached_widget_loaded)::float8 as "Visits",
        sum(lead_captured)::float8 as "Leads",
        sum(quote_requested)::float8 as "Quotes",
        ${rateColumns},
        tenant_id::text as tenant_id
      from dashboards.quarter_hours
      where $__timeFilter(quarter)
      group by tenant_id, tenant_name
      order by 2 desc, 1
      limit 100`),
  ],
})
  .overrideByRegexp(`/^(${rates.map(([name]) => name).join('|')})$/`, [percent])
  .overrideByName('Tenant', [tenantLink])

const silentTenants = table({
  title: 'Silent tenants',
  description:
    'Tenants that had visits at this hour of this weekday in the weeks before, and have none now: often a widget that a change of the site has removed.',
  unit: Short,
  empty: 'None is silent',
  width: 8,
  runbooks: ['TenantSilent'],
  queries: [latestRows('max by (tenant_id) (leadlight_tenant_silent) > 0')],
}).overrideByName('tenant_id', [tenantLink])

const silence = lines({
  title: 'Tenants expected and silent',
  description: 'How many tenants usually have visits at this hour of this weekday, and how many of those have none.',
  unit: Short,
  empty: 'Not known yet',
  width: 16,
  runbooks: ['TenantsSilentWidely'],
  queries: [series('expected', 'max(leadlight_tenants_expected)'), series('silent', 'max(leadlight_tenants_silent)')],
})

export const funnel = buildDashboard({
  uid: 'leadlight-funnel',
  title: 'Funnel across tenants',
  question: 'Where do visitors stop, everywhere or at one tenant?',
  from: 'now-7d',
  refresh: '1m',
  variables: [operations],
  rows: [
    {
      title: 'All tenants',
      panels: [funnelBars(ofAll), rateNumbers(ofAll), visitNumbers(ofAll), visitsOverTime(ofAll), leadRate],
    },
    {
      title: 'For whom',
      panels: [
        byTenant,
        breakdown('By device', 'device', ofAll),
        breakdown('By source', 'source', ofAll),
        breakdown('By page', 'page', ofAll),
      ],
    },
    { title: 'Silence', panels: [silentTenants, silence] },
    { title: 'Leads', panels: [newestLeads(ofAll)] },
  ],
})
