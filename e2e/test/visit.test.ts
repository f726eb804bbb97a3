import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventTypes } from 'contract/events'
import { launchBrowser } from 'stack/browser'
import { freePorts } from 'stack/ports'
import { startStack } from 'stack/stack'
import t from 'tap'
import { eventually, openBackends, type Span } from './backends.ts'
import { askForQuote, insist, openWidget } from './visitor.ts'

const seconds = 1_000
const minutes = 60 * seconds

// one stack, one story: each test goes on where the one before ended
const dataDir = await mkdtemp(join(tmpdir(), 'leadlight-e2e-'))
// PostgreSQL runs as a user of its own when root starts it
await chmod(dataDir, 0o711)
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
const stack = await startStack({ dataDir, ports: await freePorts(), log: (line) => t.comment(line) })
t.teardown(() => stack.close())
await stack.ready
const browser = await launchBrowser()
t.teardown(() => browser.close())
const backends = openBackends(t, stack)
const site = `http://127.0.0.1:${stack.ports.DEMO_PORT}`
const { tenant_id } = stack.demoTenant
const visit = [
  'widget_loaded',
  'widget_opened',
  'message_sent',
  'message_sent',
  'message_sent',
  'estimate_generated',
  'lead_captured',
  'quote_requested',
]

t.test('a whole visit is found everywhere, each event once', async (t) => {
  const portal = await browser.newPage()
  await portal.goto(stack.demoTenant.portal_url)
  const tile = (field: string) => portal.locator(`[data-field=${field}] .number`)
  await portal.getByText('No views in these days').waitFor()
  t.notOk(await tile('widget_views').isVisible(), 'no numbers before the first visit')
  t.equal(new URL(portal.url()).hash, '', 'the token is gone from the address')

  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  await openWidget(page, site)
  await askForQuote(page)
  t.strictSame(errors, [])

  const events = await eventually(backends.events, (stored) => stored.length >= visit.length, 35 * seconds)
  t.strictSame(
    events.map((event) => event.type),
    visit,
  )
  t.equal(new Set(events.map((event) => event.session_id)).size, 1)
  const traceId = events[0]!.trace_id
  t.ok(
    events.every((event) => event.trace_id === traceId),
    'one trace',
  )
  t.strictSame(
    events.filter((event) => event.type === 'message_sent').map((event) => event.properties.position),
    [1, 2, 3],
  )

  await t.test('in the analytics', async (t) => {
    // the roll-up follows within seconds
    const summary = await eventually(
      () => backends.analytics('summary'),
      ({ average_conversation_length }) => average_conversation_length?.numerator === 3,
      30 * seconds,
    )
    t.match(summary, {
      widget_views: 1,
      sessions: 1,
      engagement_rate: { numerator: 1, denominator: 1 },
      average_conversation_length: { numerator: 3, denominator: 1, value: 3 },
    })
    const steps = await eventually(
      async () => (await backends.analytics('funnel')).steps.map((step: any) => step.sessions),
      (sessions) => sessions.at(-1) === 1,
      30 * seconds,
    )
    t.strictSame(steps, [1, 1, 1, 1, 1, 1])
  })

  await t.test("on the contractor's page, which nobody reloaded", async (t) => {
    // what is shown first may have been counted before the visit was over
    for (const [field, number] of Object.entries({ widget_views: '1', lead_capture_rate: '100%' })) {
      const shown = await eventually(
        () => tile(field).textContent(),
        (text) => text === number,
        30 * seconds,
      )
      t.equal(shown, number)
    }
    const funnel = portal.getByRole('region', { name: 'Where visitors stop' })
    await funnel.getByText('The same as a table').click()
    const quotes = await eventually(
      () => funnel.getByRole('row', { name: 'Asked for a quote' }).innerText(),
      (text) => /\b1\b/.test(text),
      30 * seconds,
    )
    t.match(quotes, /\b1\b/)
  })

  await t.test('as one trace of browser and server', async (t) => {
    const apiCalls = [
      'load_config',
      'send_message',
      'send_message',
      'send_message',
      'create_estimate',
      'submit_lead',
      'request_quote',
    ]
    const joinedOf = (spans: Span[]) => {
      const calls = new Set(spans.filter((span) => span.name === 'api_call').map((span) => span.spanId))
      return spans.filter((span) => span.service === 'demo-api' && calls.has(span.parentSpanId))
    }
    // the server has several spans for each call, and hands over those that have ended
    const complete = (spans: Span[]) =>
      spans.filter((span) => span.service === 'estimate-widget').length >= visit.length + apiCalls.length &&
      joinedOf(spans).length >= apiCalls.length &&
      spans.every(({ parentSpanId }) => !parentSpanId || spans.some(({ spanId }) => spanId === parentSpanId))
    const spans = await eventually(() => backends.spans(traceId), complete, 60 * seconds)
    const browserSpans = spans.filter((span) => span.service === 'estimate-widget')
    t.strictSame(browserSpans.map((span) => span.name).sort(), [...visit, ...apiCalls.map(() => 'api_call')].sort())
    t.strictSame(
      browserSpans.flatMap((span) => span.attributes['estimate_widget.operation'] ?? []).sort(),
      [...apiCalls].sort(),
    )
    t.ok(
      browserSpans.every((span) => span.attributes['tenant.id'] === tenant_id),
      "the key's tenant on each",
    )
    for (const event of events)
      t.equal(browserSpans.filter((span) => span.spanId === event.span_id).length, 1, `${event.type} has its span`)

    const parentOf = new Map(spans.map((span) => [span.spanId, span.parentSpanId]))
    const rootOf = (id: string): string => (parentOf.get(id) ? rootOf(parentOf.get(id)!) : id)
    const loaded = events[0]!.span_id
    t.strictSame(
      new Set(spans.map((span) => rootOf(span.spanId))),
      new Set([loaded]),
      'everything descends from widget_loaded',
    )
    t.equal(joinedOf(spans).length, apiCalls.length, "each call's server span is its child")
  })

  await t.test("in the lead's journey", async (t) => {
    const [lead] = (await backends.analytics('leads')).leads
    const journey = await backends.analytics(`leads/${lead.event_id}/journey`)
    t.match(journey, { traces: 'held', events: visit.map((type) => ({ type })) })
    t.strictSame(new Set(journey.spans.map((span: any) => span.service)), new Set(['estimate-widget', 'demo-api']))
    const page = await fetch(`http://127.0.0.1:${stack.ports.OPERATIONS_PORT}/trace/${traceId}`)
    t.equal(page.status, 200, 'and the operator is led to the trace')
  })

  await t.test('as a metric with its tenant', async (t) => {
    const query = `sum(widget_span_calls_total{tenant_id="${tenant_id}",span_name=~"${eventTypes.join('|')}"})`
    t.equal(
      await eventually(
        () => backends.metric(query),
        (value) => value >= visit.length,
        60 * seconds,
      ),
      visit.length,
    )
    const calls = `sum(widget_span_calls_total{tenant_id="${tenant_id}",span_name="api_call",estimate_widget_operation="send_message"})`
    t.equal(
      await eventually(
        () => backends.metric(calls),
        (value) => value >= 3,
        60 * seconds,
      ),
      3,
    )
  })
  await page.close()
  await portal.close()
})

t.test('a visitor with Global Privacy Control on leaves nothing anywhere', async (t) => {
  const before = await backends.events()
  const context = await browser.newContext({ extraHTTPHeaders: { 'sec-gpc': '1' } })
  await context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }))
  const page = await context.newPage()
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await openWidget(page, site)
  await askForQuote(page)
  const keys = await page.evaluate(() => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...document.cookie.split(';').filter(Boolean),
  ])
  t.strictSame(keys, [])
  await page.goto(`${site}/pricing`)
  await context.close()
  t.strictSame(
    requests.filter((url) => url.startsWith(stack.publicUrl)),
    [],
    'not one request to the service: no row, no span',
  )
  t.strictSame(await backends.events(), before)
})

t.test('ten more visits leave all their events, each once', async (t) => {
  const before = (await backends.events()).length
  for (let i = 0; i < 10; i++) {
    const context = await browser.newContext()
    // at the end: a context that is closed takes along what is still on its way
    t.teardown(() => context.close())
    const page = await context.newPage()
    await openWidget(page, site)
    await askForQuote(page)
    await page.goto('about:blank')
  }
  const expected = before + 10 * visit.length
  const events = await eventually(backends.events, (stored) => stored.length >= expected, 35 * seconds)
  const bySession = Map.groupBy(events.slice(before), (event) => event.session_id)
  t.strictSame(
    [...bySession.values()].map((visited) => visited.map((event) => event.type)),
    Array(10).fill(visit),
  )
})

/** Well over a fifth of the messages of the last five minutes: the 33 of the visits above, which went well, count too. */
const failures = 24

t.test('a failing API opens a ticket and pages nobody', { timeout: 6 * minutes }, async (t) => {
  const page = await browser.newPage()
  await page.goto(site)
  await page.getByRole('button', { name: /Break the API/ }).click()
  await page.locator('#switch-failing-api[aria-pressed=true]').waitFor()
  await openWidget(page, site)
  await insist(page, failures)
  // leaving the page sends what it holds; closing it would take along what is still on its way
  await page.goto('about:blank')
  t.teardown(() => page.close())
  const firing = await eventually(
    () => backends.alerts('tickets'),
    (alerts) => alerts.some(({ labels }) => labels.alertname === 'WidgetApiErrorRateHigh'),
    5 * minutes,
  )
  t.match(
    firing.find(({ labels }) => labels.alertname === 'WidgetApiErrorRateHigh'),
    {
      status: 'firing',
      labels: { severity: 'warning' },
      annotations: { summary: String, description: String, runbook_url: /WidgetApiErrorRateHigh/ },
    },
  )
  t.strictSame(await backends.alerts('on-call'), [])
  const errors = (await backends.events()).filter((event) => event.type === 'widget_error')
  t.ok(errors.length >= failures, `${errors.length} errors counted for the contractor`)
  t.ok(errors.every((event) => event.properties.source === 'api'))
})

t.test(
  'a service that is gone pages on-call, and its return resolves the page',
  { timeout: 8 * minutes },
  async (t) => {
    const paged = (status: string) => async () =>
      (await backends.alerts('on-call')).filter(
        ({ labels, status: is }) => labels.alertname === 'IngestDown' && is === status,
      )
    await stack.stop('ingest-service')
    const [page] = await eventually(paged('firing'), (alerts) => alerts.length > 0, 4 * minutes)
    t.match(page, { labels: { severity: 'critical' }, annotations: { runbook_url: /IngestDown/ } })
    await stack.resume('ingest-service')
    t.ok((await eventually(paged('resolved'), (alerts) => alerts.length > 0, 4 * minutes)).length > 0, 'resolved')
  },
)
