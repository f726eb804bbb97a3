import type { Page } from 'playwright-core'
import t from 'tap'
import { expectTelemetry, hide, startSite, untilSpans } from './site.ts'

const site = await startSite(t)

t.beforeEach(() => site.reset())

/** Names and values of everything global that a guest could touch. */
const globals = (page: Page) =>
  page.evaluate(() => {
    const natives = [
      fetch,
      XMLHttpRequest.prototype.send,
      history.pushState,
      addEventListener,
      setTimeout,
      Promise.prototype.then,
      navigator.sendBeacon,
    ]
    const symbols = Object.getOwnPropertySymbols(globalThis).map(String)
    return {
      names: Object.getOwnPropertyNames(window).sort(),
      symbols,
      natives: natives.map(String),
      handlers: [window.onerror, window.onunhandledrejection].map(String),
    }
  })

t.test('nothing global is added or replaced by the tag, its lazy part, and every event', async (t) => {
  const context = await site.visitor(t)
  const bare = await globals(await site.open(t, context, '/bare'))
  const page = await site.open(t, context)
  await page.evaluate(() =>
    dispatchEvent(new CustomEvent('leadlight', { detail: { type: 'widget_error', properties: { error_type: 'E' } } })),
  )
  await untilSpans(site, page, 2)
  t.same(await globals(page), bare)
})

t.test('works where only the service may be asked, with Trusted Types, and breaks no policy', async (t) => {
  site.policy = `default-src 'none'; script-src ${site.serviceOrigin}; connect-src ${site.serviceOrigin}; require-trusted-types-for 'script'; trusted-types 'none'`
  const context = await site.visitor(t)
  const page = await context.newPage()
  const lines: string[] = []
  page.on('console', (message) => lines.push(message.text()))
  await page.goto(site.origin)
  await expectTelemetry(t, site, { action: () => hide(page), events: [{ type: 'widget_loaded' }] })
  await untilSpans(site, page, 1)
  t.same(lines, [])
})

t.test('beside a page that runs its own OpenTelemetry, neither joins the other’s trace', async (t) => {
  site.options = '{}'
  // what a registered context manager and propagator look like to any copy of @opentelemetry/api 1.x
  site.head = `<script>
    const span = { spanContext: () => ({ traceId: 'f'.repeat(32), spanId: 'f'.repeat(16), traceFlags: 0 }) }
    const active = { getValue: () => span, setValue: () => active, deleteValue: () => active }
    globalThis[Symbol.for('opentelemetry.js.api.1')] = {
      version: '1.9.1',
      context: { active: () => active, with: (context, run, self, ...args) => run.call(self, ...args), bind: (context, run) => run },
    }
    window.registered = JSON.stringify(Object.keys(globalThis[Symbol.for('opentelemetry.js.api.1')]))
  </script>`
  const page = await site.open(t, await site.visitor(t))
  await page.evaluate(() => telemetry.opened())
  await untilSpans(site, page, 2)
  t.notOk(site.spans.some(({ traceId, parentSpanId }) => `${traceId}${parentSpanId}`.includes('ffffffffffffffff')))
  t.ok(
    await page.evaluate(
      () =>
        JSON.stringify(Object.keys((globalThis as never)[Symbol.for('opentelemetry.js.api.1')])) ===
        (window as never as { registered: string }).registered,
    ),
  )
})

t.test('start() answers with a telemetry that does nothing where it cannot work', async (t) => {
  const { start } = await import('../src/index.ts')
  const telemetry = start({ siteKey: 'pk_test', endpoint: 'https://telemetry.example' })
  telemetry.loaded()
  telemetry.error(null)
  telemetry.consent('granted')
  t.equal(telemetry.sessionId, undefined)
  await telemetry.stop()
  t.equal(start(undefined as never).sessionId, undefined)
})

t.test('debug tells each decision, and without it the console stays empty', async (t) => {
  for (const debug of [true, false]) {
    site.options = `{ debug: ${debug} }`
    const context = await site.visitor(t)
    const page = await context.newPage()
    const lines: string[] = []
    page.on('console', (message) => lines.push(message.text()))
    await page.goto(site.origin)
    await expectTelemetry(t, site, { action: () => hide(page), events: [{ type: 'widget_loaded' }] })
    await page.waitForFunction(() => !localStorage.length)
    t.equal(lines.length > 1, debug, lines.join('\n'))
  }
})
