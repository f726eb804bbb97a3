// The operator's page: one picture of what is up, what fires and what is left, without scripts, readable when most of it is away.
import { createHash } from 'node:crypto'
import type { CanaryCheck } from 'contract/metrics'
import { isRunbookUrl } from 'contract/runbooks'
import {
  canaryLateSeconds,
  fewestDaysAhead,
  queueFillingShare,
  retentionLateSeconds,
  rollupLateSeconds,
} from 'contract/thresholds'
import { Html, html } from '../html.ts'
import type { FiringAlert } from './alertmanager.ts'
import type { Part, Picture, Told } from './picture.ts'
import { style } from './style.ts'

const refreshSeconds = 15
const ranks = ['critical', 'warning']

/** No script at all, one style, nothing from elsewhere. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

type Mark = 'good' | 'bad' | 'unknown'
// words of any font, so that the colours are not alone
const words: Record<Mark, string> = { good: 'ok', bad: '!', unknown: '?' }
const row = (mark: Mark, name: string, value: string | Html): Html =>
  html`<tr class="${mark}"><td class="mark">${words[mark]}</td><th scope="row">${name}</th><td>${value}</td></tr>`

const section = (title: string, rows: Html[], id: string): Html =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2><table>${rows}</table></section>`

/** The lines of an answer, or one that says why there is none. */
const told = <T>(answer: Told<T>, name: string, lines: (value: T) => Html[]): Html[] =>
  'value' in answer ? lines(answer.value) : [row('unknown', name, answer.problem)]

export function renderPage(
  { at, parts, alerts, canary, budgets, queue, own }: Picture,
  links: { title: string; url: string }[],
): string {
  const late = (check: CanaryCheck, seconds: number): boolean => seconds > canaryLateSeconds[check]
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>${verdict(alerts, parts)} · Leadlight</title>
<style>${new Html(style)}</style>
</head>
<body>
<header><h1>Leadlight</h1><p class="verdict">${verdict(alerts, parts)}</p>
<p class="at">As of <time>${at.toISOString().slice(0, 19).replace('T', ' ')} UTC</time>; asked anew every ${refreshSeconds} s.</p></header>
<main>
${firing(alerts, parts)}
<div class="columns">
${section('What is up', parts.map(showPart), 'up')}
${section(
  'Canary: last success',
  told(canary, 'canary', (checks) =>
    checks.map(({ check, seconds }) => row(late(check, seconds) ? 'bad' : 'good', check, `${duration(seconds)} ago`)),
  ),
  'canary',
)}
${section(
  'Error budget left of 30 days',
  told(budgets, 'budgets', (all) =>
    all.length
      ? all.map(({ objective, left }) => row(left < 0 ? 'bad' : 'good', spaced(objective), budget(left)))
      : [row('unknown', 'budgets', 'nothing recorded yet')],
  ),
  'budgets',
)}
${section(
  'Queues and upkeep',
  [
    ...told(queue, "collector's queue", (share) => [
      share === undefined
        ? row('unknown', "collector's queue", 'not recorded')
        : row(share > queueFillingShare ? 'bad' : 'good', "collector's queue", `${percent(share)} used`),
    ]),
    row('good', 'events waiting here', `${own.waitingRows}`),
    row(own.futurePartitions < fewestDaysAhead ? 'bad' : 'good', 'days ahead', `${own.futurePartitions}`),
    own.retentionSeconds === undefined
      ? row('unknown', 'retention', 'not known')
      : row(
          own.retentionSeconds > retentionLateSeconds ? 'bad' : 'good',
          'retention',
          `${duration(own.retentionSeconds)} ago`,
        ),
    row(own.rollupLagSeconds > rollupLateSeconds ? 'bad' : 'good', 'numbers behind by', duration(own.rollupLagSeconds)),
  ],
  'queues',
)}
${section(
  'Tenants silent',
  own.tenantsSilent.length
    ? own.tenantsSilent.slice(0, 20).map((tenant) => row('bad', 'silent', tenant))
    : [row('good', 'none', `of ${own.tenantsExpected} expected now`)],
  'silent',
)}
<section aria-labelledby="links"><h2 id="links">Go on</h2><ul>${links.map(({ title, url }) => html`<li><a href="${url}">${title}</a></li>`)}</ul></section>
</div>
</main>
</body>
</html>
`
  return body.text
}

const isFiring = ({ labels, status }: FiringAlert): boolean =>
  labels.severity !== 'none' && status.state !== 'suppressed'

/** Without Prometheus nothing new fires, whatever happens. */
const blind = (parts: Part[]): boolean => parts.some(({ name, answers }) => name === 'Prometheus' && answers === false)

function verdict(alerts: Told<FiringAlert[]>, parts: Part[]): string {
  const down = parts.filter(({ answers }) => answers === false).length
  const away = down ? `, ${down} ${down === 1 ? 'part' : 'parts'} away` : ''
  if ('problem' in alerts) return `What fires is not known${away}`
  if (blind(parts)) return `What fires now is not known${away}`
  const pages = alerts.value.filter((alert) => isFiring(alert) && alert.labels.severity === 'critical').length
  const tickets = alerts.value.filter((alert) => isFiring(alert) && alert.labels.severity !== 'critical').length
  if (pages + tickets === 0) return `Nothing fires${away}`
  const count = (number: number, name: string) => (number ? [`${number} ${name}${number === 1 ? '' : 's'}`] : [])
  return [...count(pages, 'page'), ...count(tickets, 'ticket')].join(', ') + away
}

function firing(alerts: Told<FiringAlert[]>, parts: Part[]): Html {
  const lines =
    'problem' in alerts
      ? [
          html`<p class="unknown">${alerts.problem}: what fires is not known. Its log and the other parts below may tell.</p>`,
        ]
      : alerts.value
          .filter(({ labels }) => labels.severity !== 'none')
          .sort((a, b) => rank(a) - rank(b) || a.startsAt.localeCompare(b.startsAt))
          .slice(0, 50)
          .map(showAlert)
  return html`<section aria-labelledby="firing"><h2 id="firing">Firing</h2>${lines}${watchdog(alerts, parts)}${blind(parts) ? html`<p class="unknown">Prometheus does not answer: until it is back nothing new fires here, whatever happens. The lists below are asked without it.</p>` : undefined}</section>`
}

const rank = ({ labels }: FiringAlert): number => (ranks.indexOf(labels.severity ?? '') + 3) % 3

/** Whether silence means that all is well: the watchdog fires always. */
function watchdog(alerts: Told<FiringAlert[]>, parts: Part[]): Html | undefined {
  if ('problem' in alerts) return undefined
  if (!alerts.value.some(({ labels }) => labels.alertname === 'Watchdog'))
    return html`<p class="bad">The watchdog is not heard: Prometheus does not reach Alertmanager, or evaluates nothing.</p>`
  return blind(parts) ? undefined : html`<p class="good">The watchdog is heard: whatever fires is told.</p>`
}

function showAlert({ labels, annotations, startsAt, status }: FiringAlert): Html {
  const { severity = '', alertname = '' } = labels
  const name = ranks.includes(severity) ? severity : 'warning'
  const held = status.state !== 'suppressed' ? '' : status.silencedBy.length ? ' (silenced)' : ' (told by another)'
  const { runbook_url: runbook = '' } = annotations
  return html`<article class="${name}${held ? ' held' : ''}"><h3>${severity === 'critical' ? 'Page' : 'Ticket'}: ${cut(alertname, 80)}${held}</h3>
<p>${cut(annotations.summary ?? '', 200)} ${cut(annotations.description ?? '', 500)}</p>${annotations.lost ? html`<p>${cut(annotations.lost, 300)}</p>` : undefined}
<p class="at">Since ${cut(startsAt, 19).replace('T', ' ')} UTC${isRunbookUrl(runbook) ? html` · <a href="${runbook}">Runbook</a>` : undefined}</p></article>`
}

const cut = (text: string, length: number): string => text.slice(0, length)

const showPart = ({ name, answers, detail }: Part): Html =>
  answers === undefined
    ? row('unknown', name, 'not known here')
    : row(answers ? 'good' : 'bad', name, detail ?? (answers ? 'answers' : 'does not answer'))

const percent = (share: number): string => `${Math.round(share * 100)} %`
const budget = (left: number): string => (left < 0 ? `missed (${percent(left)})` : percent(left))
const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/, '$1 $2').toLowerCase()

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`
}
