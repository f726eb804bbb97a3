// Dashboards and provisioning: complete, consistent with each other and with what else there is in the repository.
import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { dashboards, datasources, type Link, panelsOf, read, root, ruleGroups } from './files.ts'

const panels = Object.entries(dashboards).flatMap(([name, dashboard]) =>
  panelsOf(dashboard).map((panel) => ({ ...panel, where: `${name}: ${panel.title}` })),
)
const fieldLinks = panels.flatMap(({ fieldConfig, where }) =>
  (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties
      .filter(({ id }) => id === 'links')
      .flatMap(({ value }) => (value as Link[]).map((link) => ({ ...link, where }))),
  ),
)

t.test('the written dashboards are what the sources make', async (t) => {
  await t.resolves(promisify(execFile)(process.execPath, [`${root}/grafana/src/generate.ts`, '--check']))
})

t.test('each dashboard asks one question, and each has an address and numbers of its own', async (t) => {
  t.strictSame(
    Object.values(dashboards).map(({ title }) => title),
    ['Alerts and SLOs', 'Funnel across tenants', 'Ingest', 'Pipeline', 'One tenant', 'Widget health'],
  )
  t.equal(new Set(Object.values(dashboards).map(({ uid }) => uid)).size, 6)
  for (const { title, description, panels, schemaVersion } of Object.values(dashboards)) {
    t.match(description, /^[A-Z][^?]*\?$/, `${title} asks one question`)
    t.strictSame(
      panels.map(({ id }) => id),
      panels.map((_, index) => index + 1),
      `${title}: numbers`,
    )
    // 41 is the newest form that Grafana 12.0 knows; later ones bring it up to theirs
    t.equal(schemaVersion, 41)
  }
})

t.test('every panel says what it shows, in which unit, and what it says when there is nothing', async (t) => {
  for (const { where, description, fieldConfig, targets = [] } of panels) {
    t.match(description, /^[^$]{30,}\.$/, `${where}: a description, without variables`)
    t.ok(fieldConfig?.defaults.unit, `${where}: unit`)
    t.ok(fieldConfig?.defaults.noValue, `${where}: empty state`)
    t.strictSame(
      targets.map(({ refId }) => refId),
      [...'ABCDEF'].slice(0, targets.length),
      `${where}: queries`,
    )
    t.ok(targets.length)
  }
})

t.test(
  'every query goes to a provisioned data source of its type, and none to the traces, which are of two types',
  async (t) => {
    const known = new Map(datasources.map(({ uid, type }) => [uid, type]))
    t.strictSame([...known.keys()], ['prometheus', 'traces', 'postgres', 'alertmanager'])
    for (const { where, targets = [] } of panels)
      for (const { datasource } of targets) {
        t.equal(known.get(datasource.uid), datasource.type, where)
        t.not(datasource.uid, 'traces')
      }
    for (const { templating, annotations } of Object.values(dashboards)) {
      for (const { datasource } of templating.list) t.ok(!datasource || known.get(datasource.uid) === datasource.type)
      for (const { datasource } of annotations.list) t.ok(known.has(datasource.uid))
    }
  },
)

t.test('every dashboard marks the versions of the service', async (t) => {
  for (const { title, annotations } of Object.values(dashboards))
    t.strictSame(
      annotations.list.map(({ name }) => name),
      ['Deployments'],
      title,
    )
})

t.test('every way out of a panel leads somewhere', async (t) => {
  const runbooks = panels.flatMap(({ links = [], where }) => links.map(({ url }) => ({ url, where })))
  t.ok(runbooks.length)
  for (const { url, where } of runbooks) {
    const [, page] = /^https:\/\/github\.com\/leadlight\/leadlight\/blob\/main\/(runbooks\/\w+\.md)$/.exec(url) ?? []
    t.ok(page && existsSync(`${root}/${page}`), `${where}: ${url}`)
  }
  const uids = Object.values(dashboards).map(({ uid }) => uid)
  for (const { url, where } of fieldLinks) {
    const [, uid] = /^\/d\/([\w-]+)\?/.exec(url) ?? []
    if (uid) t.ok(uids.includes(uid), `${where}: ${url}`)
    else t.match(url, /^(\$\{operations\}\/trace\/|https:\/\/github\.com\/leadlight\/)/, `${where}: ${url}`)
  }
  for (const [name, { templating }] of Object.entries(dashboards)) {
    const used = fieldLinks.some(({ url, where }) => where.startsWith(`${name}:`) && /^\$\{operations\}/.test(url))
    t.equal(
      templating.list.some((variable) => variable.name === 'operations'),
      used,
      `${name}: the operations port`,
    )
  }
})

t.test(
  'Grafana’s alerting pages show the rules of Prometheus and what Alertmanager has, which hears of Grafana’s own too',
  async (t) => {
    const [prometheus] = datasources.filter(({ type }) => type === 'prometheus')
    t.match(prometheus?.jsonData, { manageAlerts: true, timeInterval: '10s' })
    const [alertmanager] = datasources.filter(({ type }) => type === 'alertmanager')
    t.match(alertmanager?.jsonData, { implementation: 'prometheus', handleGrafanaManagedAlerts: false })
    const { contactPoints, policies } = parse(read('grafana/provisioning/alerting/alertmanager.yaml'))
    t.match(contactPoints[0].receivers[0], { type: 'prometheus-alertmanager', settings: { url: '$ALERTMANAGER_URL' } })
    t.strictSame(
      policies.map(({ receiver }: { receiver: string }) => receiver),
      [contactPoints[0].name],
    )
  },
)

t.test('whoever is led to a dashboard by an alert finds its runbook at a panel there', async (t) => {
  const alerts = globSync('prometheus/rules/*.yml', { cwd: root })
    .flatMap((file) => parse(read(file)).groups)
    .flatMap(({ rules }) => rules as { alert?: string; annotations: { dashboard?: string } }[])
    .filter(({ annotations }) => annotations?.dashboard)
  t.ok(alerts.length > 20)
  for (const { alert, annotations } of alerts) {
    const dashboard = dashboards[annotations.dashboard ?? '']
    t.equal(dashboard?.uid, `leadlight-${annotations.dashboard}`, `${alert}: where its link leads`)
    const urls = dashboard ? panelsOf(dashboard).flatMap(({ links = [] }) => links.map(({ url }) => url)) : []
    t.ok(
      urls.some((url) => url.endsWith(`/${alert}.md`)),
      `${alert} on ${annotations.dashboard}`,
    )
  }
})

t.test('every way between data sources is complete: one without a description ends Grafana at its start', async (t) => {
  const correlations = datasources.flatMap(({ correlations = [] }) => correlations)
  t.ok(correlations.length)
  for (const { targetUID, label, description, config } of correlations) {
    t.ok(datasources.some(({ uid }) => uid === targetUID))
    t.ok(label && description)
    t.equal(config.type, 'query')
  }
})

t.test('no folder has both rules and dashboards: Grafana would make it twice', async (t) => {
  const { providers } = parse(read('grafana/provisioning/dashboards/leadlight.yaml')) as {
    providers: { folder: string }[]
  }
  const taken = providers.map(({ folder }) => folder)
  t.ok(taken.length)
  for (const { folder } of ruleGroups) t.notOk(taken.includes(folder), folder)
})

t.test('who starts Grafana sets every variable of the provisioning', async (t) => {
  const text = globSync('grafana/provisioning/*/*.yaml', { cwd: root }).map(read).join()
  const variables = new Set([...text.matchAll(/(?<!\$)\$([A-Z_]+)/g)].map(([, name = '']) => name))
  t.ok(variables.size)
  const { services } = parse(read('docker-compose.yml'), { merge: true })
  const native = globSync('stack/src/*.ts', { cwd: root }).map(read).join()
  for (const name of variables) {
    t.ok(name in services.grafana.environment, `compose sets ${name}`)
    t.match(native, `${name}:`, `the stack sets ${name}`)
  }
})
