// Alerts and SLOs: what fires, and how much of what may fail is left?
import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { allowedShare, budgetLeft } from 'prometheus/budget'
import { type Objective, objectives, paces } from 'prometheus/thresholds'
import { buildDashboard } from './dashboard.ts'
import { alertLink } from './links.ts'
import { lines, number, states, table } from './panels.ts'
import { latest, latestRows, series } from './queries.ts'
import { any, budgetLeft as budgetColours, burnRate } from './thresholds.ts'

const firing = 'ALERTS{alertstate="firing", severity!="none"}'
const slowest = '6h'

const now = table({
  title: 'Firing',
  description:
    'Alerts that fire at the end of the chosen time: critical ones page, warnings open a ticket. A click on the name leads to its runbook. What Grafana itself watches stands under Alerting.',
  unit: Short,
  empty: 'Nothing fires',
  width: 12,
  queries: [latestRows(`count by (alertname, severity) (${firing})`)],
}).overrideByName('alertname', [alertLink])

const overTime = states({
  title: 'Fired',
  description: 'Which alerts fired when, in the chosen time.',
  unit: Short,
  empty: 'Nothing fired',
  width: 12,
  thresholds: any,
  queries: [series('{{alertname}}', `max by (alertname) (${firing})`)],
})

const left = number({
  title: 'Error budget left',
  description:
    'What may still go wrong, as a share of what may over 30 days (SLO.md). Below zero the objective is missed.',
  unit: PercentUnit,
  empty: 'No requests in 30 days',
  width: 24,
  thresholds: budgetColours,
  queries: objectives.map((objective: Objective) => latest(objective.name, budgetLeft(objective))),
})

/** Each objective over its paces' windows, and at least over a quarter of a day. */
const burning = objectives.map((objective: Objective) => {
  const { name, route, target, seconds } = objective
  const own = Object.keys(objective.paces) as (keyof typeof paces)[]
  const windows = [...new Set([...own.flatMap((pace) => [paces[pace].short, paces[pace].long]), slowest])]
  const bad = `route:leadlight_http_requests_${seconds ? 'slow' : 'failed'}:increase`
  const share = (window: string) =>
    `${bad}${window}{route="${route}"} / (route:leadlight_http_requests:increase${window}{route="${route}"} > 0)`
  return lines({
    title: `${name}: how fast the budget burns`,
    description: `Share of ${seconds ? 'slow' : 'failed'} requests as a multiple of the allowed one, over different windows. At 1 the budget lasts exactly 30 days; ${own.map((pace) => `${paces[pace].factor} over ${paces[pace].long} and ${paces[pace].short}`).join(', or ')} raises an alert.`,
    unit: Short,
    empty: 'No requests',
    width: 12,
    thresholds: burnRate,
    runbooks: own.map((pace) => `${name}${pace}`),
    queries: windows.map((window) => series(window, `${share(window)} / ${allowedShare(target)}`)),
  })
})

export const alerts = buildDashboard({
  uid: 'leadlight-alerts',
  title: 'Alerts and SLOs',
  question: 'What fires, and how much of what may fail is left?',
  from: 'now-24h',
  refresh: '30s',
  rows: [
    { title: 'Alerts', panels: [now, overTime] },
    { title: 'Objectives', panels: [left, ...burning] },
  ],
})
