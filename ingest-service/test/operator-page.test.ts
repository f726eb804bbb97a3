// The operator's page: what it shows, that it still shows something when the rest is away, and that nothing it is told becomes markup.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchBrowser } from 'stack/browser'
import { inGroups } from 'stack/payloads'
import { foreignMarkupOf, watchTrespasses } from 'stack/trespasses'
import t, { type Test } from 'tap'
import { createMetrics } from '../src/metrics.ts'
import { buildOperations } from '../src/operations.ts'
import { createTraces } from '../src/traces/client.ts'

t.setTimeout(120_000)

type Labels = Record<string, string>
type Alert = { labels: Labels; annotations: Labels; suppressed?: boolean }
type Around = { alerts?: Alert[]; queue?: number; budgets?: Record<string, number>; ages?: Record<string, number> }

const runbook = 'https://github.com/leadlight/leadlight/blob/main/runbooks/IngestDown.md'
const watchdog = { labels: { alertname: 'Watchdog', severity: 'none' }, annotations: {} }

/** By this clock the page and what is around it were looked at in the same moment. */
const now = Date.now()

/** Stands where Alertmanager, Prometheus and canary are, and answers in their words. */
async function startAround(t: Test, { alerts = [watchdog], queue = 0.1, budgets = {}, ages = {} }: Around) {
  const vector = (result: object[]) => ({ status: 'success', data: { resultType: 'vector', result } })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    if (url.pathname === '/metrics') {
      const lines = Object.entries(ages).map(
        ([check, age]) => `leadlight_canary_last_success_timestamp_seconds{check="${check}"} ${now / 1_000 - age}`,
      )
      return response.end(`${lines.join('\n')}\n`)
    }
    response.setHeader('content-type', 'application/json')
    if (url.pathname === '/api/v2/alerts')
      return response.end(
        JSON.stringify(
          alerts.map(({ labels, annotations, suppressed }) => ({
            labels,
            annotations,
            startsAt: '2026-11-24T03:04:05.678Z',
            status: {
              state: suppressed ? 'suppressed' : 'active',
              silencedBy: suppressed ? ['x'] : [],
              inhibitedBy: [],
            },
            receivers: [{ name: 'on-call' }],
          })),
        ),
      )
    if (url.pathname === '/api/v1/query') {
      const isBudget = url.searchParams.get('query')?.startsWith('objective:')
      const result = isBudget
        ? Object.entries(budgets).map(([objective, left]) => ({ metric: { objective }, value: [0, `${left}`] }))
        : [{ metric: {}, value: [0, `${queue}`] }]
      return response.end(JSON.stringify(vector(result)))
    }
    return response.end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function openPage(t: Test, url: string | undefined, problem: string | null = null, prometheusUrl = url) {
  const metrics = createMetrics('0.0.0', () => ({ waitingRows: 3, waitingBytes: 0 }))
  metrics.futurePartitions.set(7)
  metrics.tenantsExpected.set(4)
  const app = buildOperations({
    metrics,
    health: { problem: () => problem, migrated() {}, stopping() {}, close() {} },
    traces: createTraces(undefined),
    grafanaUrl: undefined,
    surroundings: {
      prometheusUrl,
      alertmanagerUrl: url,
      canaryUrl: url,
      collectorUrl: url ?? 'http://127.0.0.1:9',
      tracesUrl: url,
      grafanaUrl: undefined,
    },
    now: () => now,
  })
  t.teardown(() => app.close())
  return { app, metrics, get: async () => app.inject('/') }
}
/** The words a reader sees, without the style. */
const words = (body: string) =>
  body
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')

t.test('it shows what is up, what fires first, and what is left', async (t) => {
  const url = await startAround(t, {
    alerts: [
      watchdog,
      { labels: { alertname: 'BackupOld', severity: 'warning' }, annotations: { summary: 'There is no new backup.' } },
      {
        labels: { alertname: 'IngestDown', severity: 'critical' },
        annotations: {
          summary: 'No ingest-service answers.',
          description: 'For 20 s.',
          lost: '120 visitors an hour',
          runbook_url: runbook,
        },
      },
      {
        labels: { alertname: 'CollectorDown', severity: 'critical' },
        annotations: { summary: 'Held.' },
        suppressed: true,
      },
    ],
    queue: 0.82,
    budgets: { EventsAvailability: 0.64, EventsLatency: -0.2 },
    ages: { event: 12, row: 200, trace: 30, metric: 500 },
  })
  const { get, metrics } = await openPage(t, url)
  metrics.tenantSilent.set({ tenant_id: 'tenant-1' }, 1)
  const { headers, body } = await get()
  t.match(headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'/)
  const text = words(body)
  t.match(text, /1 page, 1 ticket/)
  t.match(
    text,
    /Page: IngestDown No ingest-service answers\. For 20 s\. 120 visitors an hour Since 2026-11-24 03:04:05 UTC · Runbook/,
  )
  t.ok(body.indexOf('Page: IngestDown') < body.indexOf('Ticket: BackupOld'), 'pages before tickets')
  t.match(text, /CollectorDown \(silenced\)/)
  t.match(text, /ok event 12 s ago ! row 3 min ago ok metric 8 min ago ok trace 30 s ago/)
  t.match(text, /ok events availability 64 % ! events latency missed \(-20 %\)/)
  t.match(text, /! collector's queue 82 % used/)
  t.match(text, /! silent tenant-1/)
  t.match(text, /ok Prometheus answers/)
  t.match(body, `href="${runbook}"`)
})

t.test('with nothing firing it says so, and misses a watchdog that is not heard', async (t) => {
  t.match(
    words((await (await openPage(t, await startAround(t, {}))).get()).body),
    /Nothing fires · Leadlight.*The watchdog is heard: whatever fires is told/,
  )
  const unheard = words((await (await openPage(t, await startAround(t, { alerts: [] }))).get()).body)
  t.match(unheard, /The watchdog is not heard/)
})

t.test('when everything else is away it says what this process knows, and what is not known', async (t) => {
  const { get } = await openPage(t, 'http://127.0.0.1:9', 'the database does not answer')
  const text = words((await get()).body)
  for (const said of [
    /What fires is not known, 6 parts away/,
    /! ingest-service the database does not answer/,
    /! Alertmanager does not answer/,
    /! Prometheus does not answer/,
    /\? canary The canary does not answer/,
    /\? budgets Prometheus does not answer/,
    /ok events waiting here 3/,
    /ok days ahead 7/,
  ])
    t.match(text, said)
})

t.test('without Prometheus it does not say that nothing fires', async (t) => {
  const { app } = await openPage(t, await startAround(t, {}), null, 'http://127.0.0.1:9')
  const text = words((await app.inject('/')).body)
  t.match(text, /What fires now is not known, 1 part away/)
  t.match(text, /Prometheus does not answer: until it is back nothing new fires here/)
  t.notMatch(text, /Nothing fires|is told/)
})

t.test('a service that knows nobody says so', async (t) => {
  const text = words((await (await openPage(t, undefined)).get()).body)
  t.match(text, /\? Prometheus not known here/)
  t.match(text, /Alertmanager is not known here/)
})

/** HTML knows one kind of line break. */
const asHtml = (text: string) => text.replace(/\r\n?/g, '\n')

t.test('whatever is injected into labels, annotations, objectives and tenants is text, and asks nobody', async (t) => {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const context = await browser.newContext()
  let address = ''
  const trespasses = await watchTrespasses(context, () => address)
  const page = await context.newPage()
  // the page shows 20 tenants
  for (const some of inGroups(20)) {
    const fields = (text: string) => ({
      labels: { alertname: text, severity: text, tenant_id: text },
      annotations: { summary: text, description: text, lost: text, runbook_url: text, dashboard: text },
    })
    const url = await startAround(t, {
      alerts: [watchdog, ...some.map(fields)],
      budgets: Object.fromEntries(some.map((text) => [text, 1])),
    })
    const { app, metrics } = await openPage(t, url)
    for (const tenant_id of some) metrics.tenantSilent.set({ tenant_id }, 1)
    address = await app.listen({ host: '127.0.0.1', port: 0 })
    await page.goto(address)
    const articles = await page.locator('article').allTextContents()
    const isTold = (text: string) => articles.some((each) => each.includes(`Ticket: ${asHtml(text.slice(0, 80))}`))
    t.strictSame(
      some.filter((text) => !isTold(text)),
      [],
    )
    t.strictSame(await page.locator('#silent + table td:last-child').allTextContents(), some.map(asHtml))
    t.match(await page.title(), /Leadlight$/)
    t.strictSame(await foreignMarkupOf(page, ['https://github.com/leadlight/']), [])
  }
  t.strictSame(trespasses, [], 'no dialog, no request, and nothing that the policy had to stop')
})
