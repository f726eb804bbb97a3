// Alerts and SLOs: what fires, and how much of what may fail is left?
import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { buildDashboard } from './dashboard.ts'
import { alertLink } from './links.ts'
import { lines, number, states, table } from './panels.ts'
import { latest, latestRows, series } from './queries.ts'
import { budgetLeft, burnRate, firing } from './thresholds.ts'

const allowed = 0.001
const firingAlerts = 'ALERTS{alertstate="firing", severity!="none"}'
const failedShare = (window: string) =>
  `(route:leadlight_http_requests_failed:increase${window}{route="events"} / (route:leadlight_http_requests:increase${window}{route="events"} > 0))`

const now = table({
  title: 'Firing',
  description:
    'Alerts that fire at the end of the chosen time: critical ones page, warnings open a ticket. A click on the name leads to its runbook. What Grafana itself watches stands under Alerting.',
  unit: Short,
  empty: 'Nothing fires',
  width: 12,
  queries: [latestRows(`count by (alertname, severity) (${firingAlerts})`)],
}).overrideByName('alertname', [alertLink])

const overTime = states({
  title: 'Fired',
  description: 'Which alerts fired when, in the chosen time.',
  unit: Short,
  empty: 'Nothing fired',
  width: 12,
  thresholds: firing,
  queries: [series('{{alertname}}', `max by (alertname) (${firingAlerts})`)],
})

const left = number({
  title: 'Error budget left',
  description:
    'Of the requests to the events API one in a thousand may fail over 30 days; this is the share of that budget which is left. Below zero the objective is missed.',
  unit: PercentUnit,
  empty: 'No requests in 30 days',
  width: 8,
  height: 8,
  thresholds: budgetLeft,
  runbooks: ['EventsAvailabilityBurning'],
  queries: [
    latest(
      'left',
      `1 - sum(increase(leadlight_http_requests_total{route="events", outcome="error"}[30d])) / (sum(increase(leadlight_http_requests_total{route="events"}[30d])) > 0) / ${allowed}`,
    ),
  ],
})

const burning = lines({
  title: 'How fast the budget burns',
  description:
    'Share of failed requests to the events API, as a multiple of the allowed one, over different windows. At 1 the budget lasts exactly 30 days; at 14.4 over 1 h and 5 min, or 6 over 6 h and 30 min, on-call is paged.',
  unit: Short,
  empty: 'No requests',
  width: 16,
  thresholds: burnRate,
  runbooks: ['EventsAvailabilityBurningFast', 'EventsAvailabilityBurning'],
  queries: ['5m', '30m', '1h', '6h'].map((window) => series(window, `${failedShare(window)} / ${allowed}`)),
})

export const alerts = buildDashboard({
  uid: 'leadlight-alerts',
  title: 'Alerts and SLOs',
  question: 'What fires, and how much of what may fail is left?',
  from: 'now-24h',
  refresh: '30s',
  rows: [
    { title: 'Alerts', panels: [now, overTime] },
    { title: 'Objectives', panels: [left, burning] },
  ],
})
