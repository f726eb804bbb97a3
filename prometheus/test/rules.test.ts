// Rules are valid, and each alert says what it has to say.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../..', import.meta.url))
const at = (pattern: string) => globSync(pattern, { cwd: root }).sort()
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')
const promtool = await toolPath('promtool')
const run = (...args: string[]) => promisify(execFile)(promtool, args, { cwd: root })

type Alert = { alert: string; labels: Record<string, string>; annotations: Record<string, string> }
const rulesIn = (file: string) => parse(read(file)).groups.flatMap(({ rules }: { rules: unknown[] }) => rules)
const ruleFiles = at('prometheus/rules/*.yml')
const alerts: Alert[] = ruleFiles.flatMap(rulesIn).filter(({ alert }) => alert)
/** Grafana calls an alert's name its title. */
const allAlerts = [
  ...alerts,
  ...rulesIn('grafana/provisioning/alerting/rules.yaml').map((rule: { title: string }) => ({
    ...rule,
    alert: rule.title,
  })),
] as Alert[]

t.test('Prometheus calls configuration and rules valid', async (t) => {
  await t.resolves(run('check', 'config', '--lint=all', '--lint-fatal', 'prometheus/prometheus.yml'))
  await t.resolves(run('check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles))
})

t.test('every alert says how bad it is, what happened and where its runbook is', async (t) => {
  for (const { alert, labels, annotations } of allAlerts) {
    t.match(labels.severity, /^(critical|warning|none)$/, `${alert}: severity is critical, warning or none`)
    t.ok(annotations.summary && !annotations.summary.includes('{{'), `${alert}: the summary is a fixed sentence`)
    t.ok(annotations.description, `${alert}: there is a description`)
    t.equal(annotations.runbook_url, `https://github.com/leadlight/leadlight/blob/main/runbooks/${alert}.md`)
  }
})
