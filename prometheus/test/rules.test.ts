// Rules are valid, tested silent and firing, and each alert leads to a page whose queries run.
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
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

const testFiles = at('prometheus/test/*.yml')
for (const file of testFiles)
  for (const { name } of parse(read(file)).tests as { name: string }[])
    t.test(`${basename(file, '.yml')}: ${name}`, async (t) => {
      await t.resolves(run('test', 'rules', `--run=^${name.replace(/\W/g, '.')}$`, file))
    })

t.test('every alert is shown silent and firing', async (t) => {
  const cases = testFiles
    .flatMap((file) => parse(read(file)).tests)
    .flatMap(({ alert_rule_test = [] }) => alert_rule_test as { alertname: string; exp_alerts: unknown[] }[])
  for (const { alert } of alerts) {
    const own = cases.filter(({ alertname }) => alertname === alert)
    t.ok(
      own.some(({ exp_alerts }) => exp_alerts.length > 0),
      `${alert} fires in a test`,
    )
    // the watchdog has no silence
    if (alert !== 'Watchdog')
      t.ok(
        own.some(({ exp_alerts }) => exp_alerts.length === 0),
        `${alert} is silent in a test`,
      )
  }
})

t.test('every alert says how bad it is, what happened and where its runbook is', async (t) => {
  for (const { alert, labels, annotations } of allAlerts) {
    t.match(labels.severity, /^(critical|warning|none)$/, `${alert}: severity is critical, warning or none`)
    t.ok(annotations.summary && !annotations.summary.includes('{{'), `${alert}: the summary is a fixed sentence`)
    t.ok(annotations.description, `${alert}: there is a description`)
    t.equal(annotations.runbook_url, `https://github.com/leadlight/leadlight/blob/main/runbooks/${alert}.md`)
  }
})

t.test('every runbook belongs to an alert, has its four parts, and its queries parse', async (t) => {
  const pages = at('runbooks/*.md')
  t.strictSame(
    pages.map((page) => basename(page, '.md')),
    allAlerts.map(({ alert }) => alert).sort(),
  )
  for (const page of pages) {
    const text = read(page)
    t.strictSame(
      [...text.matchAll(/^#{1,2} (.*)$/gm)].map(([, title]) => title),
      [basename(page, '.md'), 'Meaning', 'Impact', 'Diagnosis', 'Mitigation'],
      page,
    )
    const queries = [...text.matchAll(/^```promql\n(.*?)^```$/gms)].map(([, query = '']) => query.trim())
    t.ok(queries.length, `${page} has a query`)
    for (const query of queries) await t.resolves(run('--experimental', 'promql', 'format', query), query)
  }
})
