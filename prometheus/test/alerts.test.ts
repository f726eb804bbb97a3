// Every alert by promtool: it fires, is silent just below, in gaps, after a restart and with little traffic.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  canaryMetrics,
  foreignMetrics,
  lateMetrics,
  operatorMetrics,
  recordedMetrics,
  serviceMetrics,
  spanMetrics,
} from 'contract/metrics'
import { families } from 'prometheus/families'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { type Case, promtoolFile, rulesOf, titleOf } from './case.ts'
import { availability } from './cases/availability.ts'
import { canary } from './cases/canary.ts'
import { collector } from './cases/collector.ts'
import { ingest } from './cases/ingest.ts'
import { monitoring } from './cases/monitoring.ts'
import { objectives } from './cases/objectives.ts'
import { store } from './cases/store.ts'
import { tenants } from './cases/tenants.ts'
import { widget } from './cases/widget.ts'

t.setTimeout(240_000)

const fewest = 4
const cases: Case[] = [
  ...availability,
  ...canary,
  ...collector,
  ...ingest,
  ...monitoring,
  ...objectives,
  ...store,
  ...tenants,
  ...widget,
]
const promtool = await toolPath('promtool')
const directory = t.testdir()

/** What promtool says, or nothing when all is as expected. */
async function complaints(alert: string, every: Case['every'], some: Case[]): Promise<string> {
  const file = `${directory}/${alert}-${every}.yml`
  const rules = `${directory}/${alert}.rules.yml`
  writeFileSync(rules, rulesOf(alert))
  writeFileSync(file, promtoolFile(rules, every, some))
  return promisify(execFile)(promtool, ['test', 'rules', file]).then(
    () => '',
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  )
}

t.test('every alert has its cases', async (t) => {
  const alerts = families.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])))
  for (const alert of alerts) {
    const own = cases.filter((one) => one.alert === alert)
    t.ok(own.length >= fewest, `${alert} has ${own.length} cases`)
    for (const kind of ['fires', ...(alert === 'Watchdog' ? [] : ['below']), 'gap'] as const)
      t.ok(
        own.some((one) => one.kind === kind),
        `${alert}: ${kind}`,
      )
  }
  t.strictSame(
    cases.filter(({ alert }) => !alerts.includes(alert)),
    [],
  )
})

t.test('the series in them are of metrics that there are', async (t) => {
  const known = {
    ...canaryMetrics,
    ...lateMetrics,
    ...foreignMetrics,
    ...operatorMetrics,
    ...recordedMetrics,
    ...serviceMetrics,
    ...spanMetrics,
  }
  const used = new Set(cases.flatMap(({ series }) => Object.keys(series).map((name) => name.replace(/\{.*/, ''))))
  t.strictSame(
    [...used].filter((name) => !(name in known) && !(name.replace(/_(bucket|count|sum)$/, '') in known)),
    [],
  )
})

for (const [alert, own] of Map.groupBy(cases, (one) => one.alert))
  for (const [every, some] of Map.groupBy(own, (one) => one.every)) {
    const said = await complaints(alert, every, some)
    // one by one only when something is wrong
    for (const one of some) t.equal(said && (await complaints(alert, every, [one])), '', titleOf(one))
  }
