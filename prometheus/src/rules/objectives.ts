import { allowedShare } from '../budget.ts'
import { unlessExplained } from '../explained.ts'
import { lost } from '../lost.ts'
import { readable } from '../readable.ts'
import { type Alert, build, type Family, record } from '../rule.ts'
import { type Objective, objectives, type Pace, type PaceName, paces } from '../thresholds.ts'

const windows = [...new Set(Object.values(paces).flatMap(({ long, short }) => [long, short]))]
const latencies: Objective[] = objectives.filter((objective: Objective) => objective.seconds !== undefined)

const slow = (window: string) =>
  latencies
    .map(
      ({ route, seconds }) =>
        `sum by (route) (increase(leadlight_http_request_duration_seconds_count{route="${route}"}[${window}]))` +
        ` - sum by (route) (increase(leadlight_http_request_duration_seconds_bucket{route="${route}", le="${seconds}"}[${window}]))`,
    )
    .join('\nor\n')

/** Who takes the requests of a route, and what it needs for that. */
const needed = { events: 'IngestDown|DatabaseDown', traces: 'IngestDown|DatabaseDown|CollectorDown' }
const subjects = { events: 'The events API', traces: 'The span gateway' }
const speeds: Record<PaceName, string> = {
  BurningFast: '',
  Burning: ' more than it may',
  BurningSlowly: ' a little more than it may, for days',
}

function alertOf(objective: Objective, name: PaceName): Alert {
  const { factor, long, short, badLong, badShort, for: patience }: Pace = paces[name]
  const { route, target, seconds, paces: severities } = objective
  const bad = `route:leadlight_http_requests_${seconds ? 'slow' : 'failed'}:increase`
  const allowed = `${factor} * ${allowedShare(target)}`
  const burning = (window: string) =>
    `${bad}${window}{route="${route}"} / (route:leadlight_http_requests:increase${window}{route="${route}"} > 0) > ${allowed}`
  const did = seconds ? `took longer than ${seconds} s` : 'failed'
  const does = seconds ? 'is slow' : name === 'BurningFast' ? 'is failing' : 'fails'
  return build(`${objective.name}${name}`, severities[name] ?? 'warning', {
    expr: [
      burning(long),
      'and',
      burning(short),
      'and',
      `${bad}${long}{route="${route}"} >= ${badLong}`,
      'and',
      `${bad}${short}{route="${route}"} >= ${badShort}`,
      unlessExplained(needed[route], short),
    ].join('\n'),
    for: patience,
    summary: `${subjects[route]} ${does}${speeds[name]}.`,
    description: `{{ $value | humanizePercentage }} of its requests ${did} in the last ${long === '1h' ? 'hour' : readable(long)}.`,
    more: severities[name] === 'critical' && route === 'events' && !seconds ? { lost } : {},
    dashboard: 'alerts',
  })
}

export const objectiveRules: Family = {
  name: 'objectives',
  about: 'What is promised of the public door (SLO.md), and how fast the budget for missing it is spent.',
  rules: [
    // `error` is 5xx, 503 included; a refusal (4xx) is an answer
    ...windows.flatMap((window) => [
      record(
        `route:leadlight_http_requests:increase${window}`,
        `sum by (route) (increase(leadlight_http_requests_total[${window}]))`,
      ),
      record(
        `route:leadlight_http_requests_failed:increase${window}`,
        `sum by (route) (increase(leadlight_http_requests_total{outcome="error"}[${window}]))`,
      ),
      record(`route:leadlight_http_requests_slow:increase${window}`, slow(window)),
    ]),
    ...objectives.flatMap((objective: Objective) =>
      (Object.keys(objective.paces) as PaceName[]).map((name) => alertOf(objective, name)),
    ),
  ],
}
