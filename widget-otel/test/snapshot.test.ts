import type { CDPSession, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { expectTelemetry, startSite, until, untilDatabases, untilSpans } from './site.ts'
import { leftBehind, listenersOf, watchPage } from './snapshot.ts'

const site = await startSite(t)

t.beforeEach(() => site.reset())

type Watched = { page: Page; devtools: CDPSession; before: string[]; html: string }

/** A page without a guest, of which all is known. */
async function watched(t: Test): Promise<Watched> {
  const context = await site.visitor(t)
  const page = await context.newPage()
  page.on('pageerror', (error) => t.fail(`the page saw an exception: ${error.message}`))
  await watchPage(page)
  await page.goto(`${site.origin}/bare`)
  const devtools = await context.newCDPSession(page)
  await page.evaluate(() => snapshot.take())
  return { page, devtools, before: await listenersOf(devtools), html: await page.content() }
}

const added = (before: string[], after: string[]) => {
  const left = [...before]
  return after.filter((one) => !(left.includes(one) && left.splice(left.indexOf(one), 1)))
}

/** Those that were added, when no transaction is under way. */
async function settledListeners(devtools: CDPSession, before: string[]): Promise<string[]> {
  let listeners: string[] = []
  await until(
    async () => {
      listeners = added(before, await listenersOf(devtools))
      return !listeners.some((one) => one.startsWith('IDB'))
    },
    () => 'the end of the transaction that is under way',
  )
  return listeners
}

const everyType = [
  'widget_opened',
  'message_sent',
  'estimate_generated',
  'lead_captured',
  'quote_requested',
  'widget_error',
]

t.test(
  'the library lives and stops: of window, prototypes, listeners and timers nothing is left changed',
  async (t) => {
    const { page, devtools, before, html } = await watched(t)
    await expectTelemetry(t, site, {
      action: () =>
        page.evaluate(
          async ([library, endpoint]) => {
            const { start } = await import(library)
            const telemetry: typeof globalThis.telemetry = start({ siteKey: 'pk_test', endpoint })
            ;(document.body as never as { telemetry: object }).telemetry = telemetry
            telemetry.opened({ trigger: 'click' })
            telemetry.messageSent({ response_ms: 12 })
            telemetry.estimateGenerated({ duration_ms: 900 })
            telemetry.leadCaptured({ contact: 'phone' })
            telemetry.quoteRequested()
            telemetry.error(new Error('no'), { source: 'render' })
            await telemetry.fetch('create_estimate', '/api/200')
          },
          [`/widget-${site.manifest.version}.mjs`, site.serviceOrigin] as const,
        ),
      events: ['widget_loaded', ...everyType].map((type) => ({ type })),
    })
    await untilSpans(site, page, 8)
    t.same(await settledListeners(devtools, before), [
      'HTMLDocument visibilitychange',
      'Window load',
      'Window pagehide',
      'Window pageshow',
    ])
    await page.evaluate(async () => {
      const { body } = document as never as { body: { telemetry?: typeof globalThis.telemetry } }
      await body.telemetry?.stop()
      delete body.telemetry
    })
    const { names, changes } = await page.evaluate(() => {
      // which the test itself has redefined to hide the page
      for (const name of ['visibilityState', 'hidden']) Reflect.deleteProperty(document, name)
      return snapshot.compare()
    })
    t.same(changes, [])
    t.ok(names > 10_000, `${names} properties compared`)
    t.same(await settledListeners(devtools, before), [])
    t.equal(await page.content(), html)
    await untilDatabases(page, false)
    t.same(await leftBehind(page), ['leadlight:session (session)'])
    await page.waitForFunction(() => snapshot.timers() === 0)
  },
)

t.test(
  'the tag lives: its lazy part, each event and a page that hides change nothing but the documented keys',
  async (t) => {
    const { page, devtools, before, html } = await watched(t)
    site.answer = () => ({ status: 503 })
    await page.evaluate((src) => {
      const tag = Object.assign(document.createElement('script'), { src })
      tag.dataset.siteKey = 'pk_test'
      return new Promise((resolve) => {
        tag.onload = resolve
        document.head.append(tag)
      }).then(() => tag.remove())
    }, `${site.serviceOrigin}/widget.js`)
    const tell = () =>
      page.evaluate((types) => {
        for (const type of types)
          dispatchEvent(
            new CustomEvent('leadlight', {
              detail: { type, properties: { contact: 'phone', duration_ms: 900, error_type: 'Error' } },
            }),
          )
      }, everyType)
    await tell()
    await untilSpans(site, page, 7)
    await untilDatabases(page, true)
    t.match(await leftBehind(page), [
      /^leadlight:queue:[0-9a-f]{16}$/,
      'leadlight:session (session)',
      /^leadlight:queue: \(database\)$/,
    ])
    const { names, changes } = await page.evaluate(() => {
      for (const name of ['visibilityState', 'hidden']) Reflect.deleteProperty(document, name)
      return snapshot.compare()
    })
    t.same(changes, [])
    t.ok(names > 10_000, `${names} properties compared`)
    t.equal(await page.content(), html)
    t.same(await settledListeners(devtools, before), [
      'HTMLDocument visibilitychange',
      'Window leadlight',
      'Window leadlight:pk_test',
      'Window load',
      'Window load',
      'Window pagehide',
      'Window pagehide',
      'Window pageshow',
    ])
  },
)

const rude: Record<string, { guest: () => unknown; change: RegExp }> = {
  'patches fetch': {
    guest: () => {
      const original = fetch
      window.fetch = (...args) => original(...args)
    },
    change: /^window\.fetch: value$/,
  },
  'has a global': { guest: () => Object.assign(window, { guest: 1 }), change: /^window\.guest: new$/ },
  'patches the history': {
    guest: () => {
      history.pushState = () => {}
    },
    change: /^history\.pushState: new$/,
  },
  'extends an array': {
    guest: () => Object.defineProperty(Array.prototype, 'last', { get: () => 0, configurable: true }),
    change: /Array.*\.last: new$/,
  },
  'wraps a getter': {
    guest: () => Object.defineProperty(Document.prototype, 'cookie', { get: () => '', configurable: true }),
    change: /Document.*cookie: get$/,
  },
  'registers for OpenTelemetry': {
    guest: () => Object.assign(globalThis, { [Symbol.for('opentelemetry.js.api.1')]: {} }),
    change: /^window\.Symbol\(opentelemetry\.js\.api\.1\): new$/,
  },
}
for (const [does, { guest, change }] of Object.entries(rude))
  t.test(`a guest that ${does} is found out`, async (t) => {
    const { page } = await watched(t)
    await page.evaluate(guest)
    t.match((await page.evaluate(() => snapshot.compare())).changes[0], change)
  })

t.test('a guest that leaves a listener, a timer or a cookie is found out', async (t) => {
  const { page, devtools, before } = await watched(t)
  await page.evaluate(() => {
    document.body.addEventListener('click', () => {})
    new AbortController().signal.addEventListener('abort', () => {})
    Object.assign(document.body, { kept: Object.assign(new EventTarget(), {}) })
    ;(document.body as never as { kept: EventTarget }).kept.addEventListener('any', () => {})
    setTimeout(() => {}, 100_000)
    // biome-ignore lint/suspicious/noDocumentCookie: as a guest would
    document.cookie = 'guest=1'
  })
  t.same(added(before, await listenersOf(devtools)), ['EventTarget any', 'HTMLBodyElement click'])
  t.equal(await page.evaluate(() => snapshot.timers()), 1)
  t.same(await leftBehind(page), ['guest=1'])
})
