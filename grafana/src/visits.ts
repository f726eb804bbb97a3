// The panels about visits that the fleet's dashboard and one tenant's share; `tenant` is the condition that tells them apart.
import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { traceLink } from './links.ts'
import { bars, lines, number, table } from './panels.ts'
import { rows, rowsOverTime } from './queries.ts'
import { eventsInTime } from './time.ts'

export const percent = { id: 'unit', value: PercentUnit }
export const dateTime = { id: 'unit', value: 'dateTimeAsIso' }

/** One tenant's rows, or all: the variable is written as a quoted string whatever it holds. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable
export const ofTenant = 'tenant_id = ${tenant:sqlstring}'
export const ofAll = 'true'

const steps = [
  ['Loaded', 'reached_widget_loaded'],
  ['Opened', 'reached_widget_opened'],
  ['Message', 'reached_message_sent'],
  ['Estimate', 'reached_estimate_generated'],
  ['Lead', 'reached_lead_captured'],
  ['Quote', 'reached_quote_requested'],
] as const

export const funnelBars = (tenant: string) =>
  bars({
    title: 'Funnel',
    description:
      'Visits that began in the chosen time and have this step and all before it, in any order. From the stored events, so exact to the quarter hour.',
    unit: Short,
    empty: 'No visits',
    width: 8,
    queries: [
      rows(`
        select step, coalesce(count, 0)::float8 as value
        from (
          select ${steps.map(([, column]) => `sum(${column}) as ${column}`).join(', ')}
          from dashboards.quarter_hours
          where ${tenant} and $__timeFilter(quarter)
        ) as total
        cross join lateral (
          values ${steps.map(([step, column], place) => `(${place}, '${step}', ${column})`).join(', ')}
        ) as steps (place, step, count)
        order by place`),
    ],
  })

/** The rates of the contractor's portal, by the same definitions. */
export const rates = [
  ['Engagement', 'reached_widget_opened', 'reached_widget_loaded'],
  ['Estimate conversion', 'opened_estimate', 'opened'],
  ['Lead capture', 'opened_lead', 'opened'],
  ['Quote request', 'opened_quote', 'opened'],
] as const

export const rateColumns = rates
  .map(([name, part, whole]) => `sum(${part})::float8 / nullif(sum(${whole}), 0) as "${name}"`)
  .join(', ')

export const rateNumbers = (tenant: string) =>
  number({
    title: 'Rates',
    description:
      'As the contractor’s portal has them: opened of the visits, and estimate, lead and quote of the visits that opened the widget.',
    unit: PercentUnit,
    empty: 'No visits',
    width: 16,
    queries: [rows(`select ${rateColumns} from dashboards.quarter_hours where ${tenant} and $__timeFilter(quarter)`)],
  })

export const visitNumbers = (tenant: string) =>
  number({
    title: 'Numbers',
    description:
      'Visits that loaded the widget, and what happened in them. From the stored events, so exact to the quarter hour.',
    unit: Short,
    empty: 'No visits',
    width: 16,
    queries: [
      rows(`
        select
          sum(reached_widget_loaded)::float8 as "Visits",
          sum(message_sent)::float8 as "Messages",
          sum(estimate_generated)::float8 as "Estimates",
          sum(lead_captured)::float8 as "Leads",
          sum(quote_requested)::float8 as "Quotes",
          sum(widget_error)::float8 as "Errors"
        from dashboards.quarter_hours
        where ${tenant} and $__timeFilter(quarter)`),
    ],
  })

export const visitsOverTime = (tenant: string) =>
  lines({
    title: 'Visits, opened, leads',
    description: 'How many visits began, how many of them opened the widget, and how many of those left a lead.',
    unit: Short,
    empty: 'No visits',
    width: 12,
    queries: [
      rowsOverTime(`
        select $__timeGroupAlias(quarter, $__interval),
          sum(reached_widget_loaded)::float8 as "Visits", sum(opened)::float8 as "Opened", sum(opened_lead)::float8 as "Leads"
        from dashboards.quarter_hours
        where ${tenant} and $__timeFilter(quarter)
        group by 1
        order by 1`),
    ],
  }).interval('15m')

/** Visits by one of their columns. */
export const breakdown = (title: string, column: 'device' | 'source' | 'page', tenant: string) =>
  table({
    title,
    description: `Visits that loaded the widget by ${column}, and which share of those that opened it led to a lead or a quote.`,
    unit: Short,
    empty: 'No visits',
    width: 8,
    queries: [
      rows(`
        select coalesce(value, 'unknown') as "${column[0]?.toUpperCase()}${column.slice(1)}",
          sum(visits)::float8 as "Visits",
          sum(opened)::float8 / sum(visits) as "Engagement",
          sum(opened_lead)::float8 / nullif(sum(opened), 0) as "Lead capture",
          sum(opened_quote)::float8 / nullif(sum(opened), 0) as "Quote request"
        from dashboards.visits_by('${column}', $__timeFrom(), $__timeTo())
        where ${tenant} and loaded
        group by 1
        order by 2 desc, 1
        limit 50`),
    ],
  }).overrideByRegexp('/^(Engagement|Lead capture|Quote request)$/', [percent])

export const newestLeads = (tenant: string) =>
  table({
    title: 'Leads and quotes',
    description:
      'The newest leads and requests for a quote. A click on the trace shows the visit while the trace store still holds it.',
    unit: 'string',
    empty: 'No leads',
    width: 24,
    queries: [
      rows(`
        select occurred_at as "Time", tenant_name as "Tenant", type as "Type", page as "Page", trace_id as "Trace"
        from dashboards.leads
        where ${tenant} and ${eventsInTime}
        order by occurred_at desc
        limit 200`),
    ],
  })
    .overrideByName('Time', [dateTime])
    .overrideByName('Trace', [traceLink])
