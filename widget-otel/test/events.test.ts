import type { WireEvent } from 'contract/envelope'
import t from 'tap'
import { expectTelemetry, startSite, storageKeys, untilDatabases } from './site.ts'

const site = await startSite(t)

t.beforeEach(() => site.reset())

t.test('each of the seven events arrives with its properties, page, session and trace', async (t) => {
  site.options = '{ widgetVersion: "1.4.2" }'
  const page = await site.open(
    t,
    await site.visitor(t),
    '/pricing?utm_source=Spring%20Mailing&utm_medium=x@y.z&email=jo@example.com',
  )
  const events = await expectTelemetry(t, site, {
    action: () =>
      page.evaluate(() => {
        telemetry.opened({ trigger: 'click' })
        telemetry.messageSent()
        telemetry.messageSent({ response_ms: 120.4 })
        telemetry.estimateGenerated({ duration_ms: 900, amount: 12_000.5, currency: 'USD' })
        telemetry.error(new TypeError('no roof at https://example.com/?email=jo@example.com'), { source: 'render' })
        telemetry.quoteRequested({ service: 'roofing' })
        telemetry.leadCaptured({ contact: 'phone' })
      }),
    events: [
      { type: 'widget_loaded', properties: { load_ms: Number, device: 'desktop', utm_source: 'spring-mailing' } },
      { type: 'widget_opened', properties: { trigger: 'click', after_ms: Number } },
      { type: 'message_sent', properties: { position: 1 } },
      { type: 'message_sent', properties: { position: 2, response_ms: 120 } },
      { type: 'estimate_generated', properties: { duration_ms: 900, amount: 12_000.5, currency: 'USD' } },
      { type: 'widget_error', properties: { error_type: 'TypeError', message: 'no roof at <url>', source: 'render' } },
      { type: 'quote_requested', properties: { service: 'roofing' } },
      { type: 'lead_captured', properties: { contact: 'phone' } },
    ],
  })
  t.notOk(JSON.stringify(site.received).includes('jo@example.com'), 'no address leaves the page')
  t.equal(new Set(events.map((event) => event.session_id)).size, 1, 'one session')
  t.equal(events[0]?.session_id, await page.evaluate(() => telemetry.sessionId))
  t.equal(new Set(events.map((event) => event.trace_id)).size, 1, 'one trace')
  t.equal(new Set(events.map((event) => event.span_id)).size, 8, 'a span each')
  t.same([...new Set(events.map((event) => event.page))], ['/pricing'])
  t.match(site.batches[0], { site_key: 'pk_test', widget_version: '1.4.2', sent_at: /^\d{4}-.*Z$/ })
  t.match(site.received[0]?.headers, { 'content-type': /^text\/plain/, cookie: undefined })
  t.notOk(
    site.received.some(({ method, path }) => method === 'OPTIONS' && path.startsWith('/api')),
    'no preflight',
  )
})

t.test('the script tag takes CustomEvents, and calls made before it came', async (t) => {
  site.head = `<script>(window.leadlight ??= []).push({ type: 'widget_opened', properties: { trigger: 'auto' } })</script>`
  site.attributes = 'data-auto-loaded="false" data-widget-version="2.0.0-of-a-very-long-build-name-indeed"'
  const page = await site.open(t, await site.visitor(t))
  await expectTelemetry(t, site, {
    action: () =>
      page.evaluate(() => {
        window.leadlight?.push({ type: 'message_sent' })
        document.querySelector('h1')?.dispatchEvent(
          new CustomEvent('leadlight', {
            bubbles: true,
            composed: true,
            detail: { type: 'lead_captured', properties: { contact: 'fax' } },
          }),
        )
      }),
    events: [
      { type: 'widget_opened', properties: { trigger: 'auto' } },
      { type: 'message_sent', properties: { position: 1 } },
      { type: 'lead_captured', properties: { contact: 'other' } },
    ],
  })
  t.equal(site.batches[0]?.widget_version, '2.0.0-of-a-very-long-build-name-', 'cut, as more would cost the batch')
})

t.test('odd calls neither throw nor cost the events beside them', async (t) => {
  site.head = '<div id="leadlight"></div>'
  const page = await site.open(t, await site.visitor(t))
  await page.waitForFunction(() => sessionStorage.length)
  await expectTelemetry(t, site, {
    action: () =>
      page.evaluate(() => {
        for (const detail of [
          null,
          7,
          {},
          { type: 'constructor' },
          { type: 'lead_captured', properties: { contact: 'form', name: 'Jo' } },
        ]) {
          dispatchEvent(new CustomEvent('leadlight', { detail }))
        }
      }),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured', properties: { contact: 'form', name: undefined } }],
  })
})

t.test('load_ms runs from the start of the script to window load', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  await page.waitForLoadState('load')
  const startedMs = await page.evaluate(
    () => performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/widget.js'))?.startTime,
  )
  // the listeners run between the two
  await page.waitForFunction(() => performance.timing.loadEventEnd)
  const [beganMs, endedMs] = await page.evaluate(() => {
    const { loadEventStart, loadEventEnd } = performance.getEntriesByType(
      'navigation',
    )[0] as PerformanceNavigationTiming
    return [loadEventStart, loadEventEnd] as const
  })
  const [loaded] = await expectTelemetry(t, site, {
    action: () => page.goto('about:blank'),
    events: [{ type: 'widget_loaded' }],
  })
  const { load_ms } = (loaded as WireEvent<'widget_loaded'>).properties
  const [least, most] = [beganMs - Number(startedMs) - 1, endedMs - Number(startedMs) + 1]
  t.ok(load_ms > least && load_ms < most, `${load_ms} is between ${least} and ${most}`)
})

t.test('a session goes on from page to page of one tab, and its messages are counted on', async (t) => {
  site.options = '{}'
  const page = await site.open(t, await site.visitor(t))
  const events = await expectTelemetry(t, site, {
    action: async () => {
      await page.evaluate(() => telemetry.messageSent())
      await page.goto(`${site.origin}/next`)
      await page.evaluate(() => telemetry.messageSent())
      await page.evaluate(() => telemetry.leadCaptured({ contact: 'form' }))
    },
    events: [
      { type: 'widget_loaded' },
      { type: 'message_sent', properties: { position: 1 } },
      { type: 'widget_loaded' },
      { type: 'message_sent', properties: { position: 2 } },
      { type: 'lead_captured' },
    ],
  })
  t.equal(new Set(events.map((event) => event.session_id)).size, 1)
  t.equal(new Set(events.map((event) => event.trace_id)).size, 2, 'a trace for each page view')
  await page.waitForFunction(() => !Object.keys(localStorage).length)
  await untilDatabases(page, false)
  t.same(await storageKeys(page), ['leadlight:session'], 'what is delivered is no longer stored')
})
