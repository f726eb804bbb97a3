// What a rule is, and how it is written for Prometheus.
import type { severities } from 'contract/metrics'
import { runbookUrl } from 'contract/runbooks'
import { stringify } from 'yaml'
import { type Duration, thresholds } from './thresholds.ts'

export type Severity = (typeof severities)[number]
export type Recording = { record: string; expr: string; labels?: Record<string, string> }
export type Alert = {
  alert: string
  expr: string
  for?: Duration
  labels: { severity: Severity }
  annotations: { summary: string; description: string; runbook_url: string } & Record<string, string>
}
export type Rule = Recording | Alert
/** One file of rules; `about` is its first line. */
export type Family = { name: string; about: string; interval?: Duration; rules: Rule[] }

type Text = {
  expr: string
  /** What is wrong: one fixed sentence. */
  summary: string
  /** With the alert's numbers and labels. */
  description: string
  /** Name of the dashboard that shows it. */
  dashboard?: string
  for?: Duration
  more?: Record<string, string>
}

/** Wakes somebody. */
export const page = (alert: string, text: Text): Alert => build(alert, 'critical', text)
/** Waits for working hours. */
export const ticket = (alert: string, text: Text): Alert => build(alert, 'warning', text)

/** `for` comes from the thresholds unless given. */
export function build(alert: string, severity: Severity, text: Text): Alert {
  const own = (thresholds as Record<string, { for?: Duration }>)[alert]
  const patience = text.for ?? own?.for
  return {
    alert,
    expr: text.expr.includes('\n') ? dedent(text.expr) : text.expr,
    ...(patience ? { for: patience } : {}),
    labels: { severity },
    annotations: {
      summary: text.summary,
      description: text.description,
      ...text.more,
      ...(text.dashboard ? { dashboard: text.dashboard } : {}),
      runbook_url: runbookUrl(alert),
    },
  }
}

export const record = (name: string, expr: string): Recording => ({ record: name, expr })

/** The text of a rule file. */
export function write({ name, about, interval, rules }: Family): string {
  const body = stringify(
    { groups: [{ name, ...(interval ? { interval } : {}), rules }] },
    { lineWidth: 0, aliasDuplicateObjects: false },
  )
  return `# ${about}\n# Made by \`npm run generate\` from prometheus/src/: change it there.\n${body}`
}

/** Takes the indentation of the source away. */
function dedent(text: string): string {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n')
  const indentation = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)))
  return `${lines.map((line) => line.slice(indentation)).join('\n')}\n`
}
