// SLO.md: what is promised, over which time, and what counts as bad.
import { readable } from './readable.ts'
import { type Objective, objectives, type PaceName, paces, thresholds } from './thresholds.ts'

const subjects = {
  events: 'POST /api/v1/widget/events',
  traces: 'POST /v1/traces',
}
const percent = (share: number) => `${Number((share * 100).toFixed(3))} %`

function line({ name, route, target, seconds, window }: Objective): string {
  const good = seconds ? `answers within ${seconds} s` : 'answers without an error of ours'
  const bad = seconds
    ? `takes longer than ${seconds} s, whatever the answer`
    : 'is 5xx, 503 included; a refusal (4xx) is an answer'
  const left = seconds ? '' : ` (${Math.round((1 - target) * 30 * 24 * 60)} min of full outage)`
  return `| ${name} | \`${subjects[route]}\` ${good} | ${percent(target)} over ${readable(window)}${left} | ${bad} |`
}

function paceLine(name: PaceName): string {
  const { factor, long, short, badLong, badShort } = paces[name]
  const users = objectives.flatMap((objective: Objective) => {
    const severity = objective.paces[name]
    return severity ? [`${objective.name} (${severity === 'critical' ? 'page' : 'ticket'})`] : []
  })
  return `| ${name} | ${factor} × | ${long} and ${short} | ${badLong} and ${badShort} | ${users.join(', ')} |`
}

export const sloPage =
  (): string => `<!-- Made by \`npm run generate\` from prometheus/src/thresholds.ts: change it there. -->
# Service level objectives

What the public door promises. Measured by ingest-service itself, over all its replicas, so a request that never arrives (name,
certificate, proxy, network) is not in these numbers: for those there is the canary, which pages when its visits fail for ${thresholds.CanaryFailing.seconds} s.

| objective | promise | target | what counts as bad |
|---|---|---|---|
${objectives.map(line).join('\n')}

Latency is measured at the service, up to the answer that follows the COMMIT. Spans are best effort, so their targets are lower
and most of their alerts are tickets.

## When the budget burns

An alert fires when the share of bad answers exceeds the allowed one by a factor, over a long and a short window at once, and when
there were enough bad answers in both. The guard counts bad answers, never requests: with a minimum of requests a single failure
in a quiet hour would page. While ingest-service or the database (for spans, the collector too) is away, its own alert tells of it:
these are silent then, and for their short window after it. The budget counts it all the same.

| alert | factor | windows | fewest bad answers | objectives |
|---|---|---|---|---|
${(Object.keys(paces) as PaceName[]).map(paceLine).join('\n')}

Alerts are named objective + pace, such as \`EventsAvailabilityBurningFast\`. What is left of a budget stands on the dashboard
*Alerts and SLOs* and on the operator's page.
`
