// Each alert has a runbook, and every query in one runs: PromQL in Prometheus, SQL on the real schema as who would ask it.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { families } from 'prometheus/families'
import { respondsOk } from 'stack/addresses'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { cloneDatabase } from 'stack/test-database'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { parse } from 'yaml'

t.setTimeout(120_000)

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8')
const pages = globSync('runbooks/*.md', { cwd: root }).sort()
const queriesOf = (page: string, language: string) =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, query = '']) => query.trim())

t.test('every alert has a runbook, every runbook an alert and its four parts', async (t) => {
  const alerts = families.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])))
  // Grafana calls an alert's name its title
  const ofGrafana = parse(read('grafana/provisioning/alerting/rules.yaml')).groups.flatMap(
    ({ rules }: { rules: { title: string }[] }) => rules.map(({ title }) => title),
  )
  t.strictSame(
    pages.map((page) => basename(page, '.md')),
    [...alerts, ...ofGrafana].sort(),
  )
  for (const page of pages) {
    t.strictSame(
      [...read(page).matchAll(/^#{1,2} (.*)$/gm)].map(([, title]) => title),
      [basename(page, '.md'), 'Meaning', 'Impact', 'Diagnosis', 'Mitigation'],
      page,
    )
    t.ok(queriesOf(page, 'promql').length, `${page} has a query`)
    for (const [, link = ''] of read(page).matchAll(/\]\(([A-Za-z]+\.md)/g))
      t.ok(pages.includes(`runbooks/${link}`), `${page} leads to ${link}`)
  }
})

t.test('every PromQL query runs in Prometheus', async (t) => {
  const directory = t.testdir({ 'prometheus.yml': 'global: {scrape_interval: 10s}\n' })
  const address = `127.0.0.1:${await freePort()}`
  const prometheus = startChild({
    file: await toolPath('prometheus'),
    args: [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=${address}`,
    ],
  })
  prometheus.stdout.resume()
  prometheus.stderr.resume()
  t.teardown(() => prometheus.stop(10_000))
  const ready = () => respondsOk(`http://${address}/-/ready`)
  t.ok(await waitFor(ready, { timeoutMs: 60_000 }))
  for (const page of pages)
    for (const query of queriesOf(page, 'promql')) {
      const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(query)}`)
      t.match(await answer.json(), { status: 'success' }, `${basename(page)}: ${query}`)
    }
})

t.test('every SQL query runs on the schema as it is, as the role that may', async (t) => {
  const { url } = await cloneDatabase(t)
  const db = new pg.Pool({ connectionString: url, max: 1 })
  db.on('error', () => {})
  t.teardown(() => db.end())
  for (const page of pages)
    for (const query of queriesOf(page, 'sql')) {
      // views as Grafana's login reads them, the server's own tables as the service's
      await db.query(query.includes('dashboards.') ? 'set role leadlight_dashboards' : 'reset role')
      await t.resolves(db.query(query), `${basename(page)}: ${query}`)
    }
})
