// Every PromQL query of every dashboard and of the provisioning, asked of the real Prometheus with the real rules.

import { type Context, fillLegend, fillPromql } from 'grafana/macros'
import t from 'tap'
import { dashboards, datasources, panelsOf, type Target } from './files.ts'
import { promqlGolden } from './golden.ts'
import { type Answer, startPrometheus } from './prometheus.ts'
import { acme, exemplar as traceOfAll } from './traffic.ts'

t.setTimeout(240_000)

const prometheus = await startPrometheus(t)
// zoomed so that every window reaches from live scrapes into the hours before, and the last point of a graph is now
const intervalSeconds = 290
const to = new Date()
const context: Context = {
  from: new Date(to.getTime() - 12 * intervalSeconds * 1_000),
  to,
  intervalSeconds,
  variables: { tenant: acme },
}
/** Scrapes and moments are no finer than this. */
const tolerance = 0.02

const plain = (text: string) =>
  prometheus.instances.reduce((rest, instance) => rest.replace(instance, 'instance'), text)

/** What the panel says last, by its legend. */
async function answerOf({ expr = '', legendFormat = '', instant, format }: Target): Promise<[string, number][]> {
  const query = fillPromql(expr, context)
  const answers = instant ? await prometheus.instant(query) : await prometheus.range(query, context)
  return answers.map(({ metric, value, values }: Answer) => [
    plain(format === 'table' ? Object.values(metric).join(' ') : fillLegend(legendFormat, metric)),
    Number((value ?? values?.at(-1))?.[1]),
  ])
}

for (const [name, dashboard] of Object.entries(dashboards))
  for (const { title, targets = [] } of panelsOf(dashboard)) {
    const asked = targets.filter(({ expr }) => expr)
    if (asked.length === 0) continue
    t.test(`${name}: ${title}`, async (t) => {
      const { atLeast = false, ...golden } = promqlGolden[name]?.[title] ?? {}
      t.ok(Object.keys(golden).length, 'there are golden numbers')
      const answer = Object.fromEntries((await Promise.all(asked.map(answerOf))).flat())
      if (!atLeast) t.strictSame(Object.keys(answer).sort(), Object.keys(golden).sort())
      for (const [legend, expected] of Object.entries(golden)) {
        const actual = answer[legend] ?? Number.NaN
        t.ok(
          Math.abs(actual - expected) <= Math.abs(expected) * tolerance,
          `${legend} is ${actual}, expected ${expected}`,
        )
      }
    })
  }

t.test('the points of a graph lead to traces', async (t) => {
  const targets = Object.values(dashboards).flatMap((dashboard) =>
    panelsOf(dashboard).flatMap(({ targets = [] }) => targets),
  )
  const drawn = targets.filter(({ exemplar }) => exemplar)
  t.ok(drawn.length >= 2)
  for (const { expr = '' } of drawn) {
    const [series] = (await prometheus.exemplars(fillPromql(expr, context))) as any
    t.match(series?.exemplars[0]?.labels, traceOfAll)
  }
})

t.test('a new version is marked once, when it comes', async (t) => {
  const [annotation] = dashboards.ingest?.annotations.list ?? []
  const minutely = { ...context, intervalSeconds: 60 }
  const answers = await prometheus.range(fillPromql(annotation?.expr ?? '', minutely), minutely)
  t.strictSame(
    answers.map(({ metric, values }) => [metric.version, values?.length]),
    [['0.2.0', 1]],
  )
  const [seconds = 0] = answers[0]?.values?.[0] ?? []
  t.ok(seconds >= prometheus.deployed && seconds <= prometheus.deployed + 60)
})

t.test('a span leads to the calls of its operation', async (t) => {
  const { tracesToMetrics } = datasources.find(({ uid }) => uid === 'traces')?.jsonData ?? {}
  for (const { query } of tracesToMetrics.queries) {
    const answers = await prometheus.instant(query.replace('$$__tags', 'estimate_widget_operation="send_message"'))
    for (const { metric, value } of answers) {
      const expected = { STATUS_CODE_UNSET: 2_100, STATUS_CODE_ERROR: 900 }[metric.status_code ?? ''] ?? Number.NaN
      t.ok(Math.abs(Number(value?.[1]) - expected) <= expected * tolerance, `${metric.status_code}: ${value?.[1]}`)
    }
    t.equal(answers.length, 2)
  }
})

t.test('there are no golden numbers for a panel that is gone', async (t) => {
  for (const [name, panels] of Object.entries(promqlGolden))
    for (const title of Object.keys(panels))
      t.ok(dashboards[name] && panelsOf(dashboards[name]).some((panel) => panel.title === title), `${name}: ${title}`)
})
