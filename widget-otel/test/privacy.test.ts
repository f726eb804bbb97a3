import type { Page } from 'playwright-core'
import t from 'tap'
import {
  away,
  expectTelemetry,
  hide,
  passTime,
  type Site,
  startSite,
  stopClock,
  storageKeys,
  until,
  untilDatabases,
  untilSpans,
} from './site.ts'

const site = await startSite(t)

t.beforeEach(() => site.reset())

const act = () => {
  dispatchEvent(new CustomEvent('leadlight', { detail: { type: 'widget_opened' } }))
  dispatchEvent(new CustomEvent('leadlight', { detail: { type: 'lead_captured', properties: { contact: 'form' } } }))
}

/** Everything a visitor can do, on two pages, with time for anything late; answers with the storage keys left. */
async function visit(t: Test, site: Site, signals = {}, path = '/'): Promise<string[]> {
  const context = await site.visitor(t, signals)
  await stopClock(context)
  const page = await site.open(t, context, path)
  await page.evaluate(act)
  await passMinute(page)
  await hide(page)
  await page.goto(`${site.origin}/second`)
  await page.evaluate(act)
  await passMinute(page)
  return storageKeys(page)
}

async function passMinute(page: Page): Promise<void> {
  for (let passedMs = 0; passedMs < 60_000; passedMs += 5_000) await passTime(page, 5_000)
}

type Test = Parameters<Site['visitor']>[0]

for (const [name, signals] of [
  ['Global Privacy Control', { globalPrivacyControl: true }],
  ['Do Not Track', { doNotTrack: '1' }],
] as const) {
  t.test(`with ${name} nothing is stored, sent or loaded beyond the script`, async (t) => {
    t.same(await visit(t, site, signals), [])
    t.same(site.received, [])
    t.same(site.loaded, ['/widget.js', '/widget.js'])
  })

  t.test(`with ${name} the library lets its caller's requests pass untouched`, async (t) => {
    site.options = '{}'
    const page = await site.open(t, await site.visitor(t, signals))
    const headers = await page.evaluate(async () => {
      telemetry.leadCaptured({ contact: 'form' })
      const response = await telemetry.fetch('create_estimate', '/api/200')
      return response.json()
    })
    t.notOk('traceparent' in headers)
    t.equal(await page.evaluate(() => telemetry.sessionId), undefined)
    t.same(await storageKeys(page), [])
    t.same(site.received, [])
  })
}

t.test('the same visit without such a wish is counted', async (t) => {
  t.ok((await visit(t, site)).includes('leadlight:session'))
  const leads = () => [...site.stored.values()].filter(({ type }) => type === 'lead_captured').length
  await until(
    () => leads() >= 2,
    () => `two leads, not ${leads()}`,
  )
  t.equal(leads(), 2)
  await until(
    () => site.loaded.some((path) => /^\/widget-later-\w+\.js$/.test(path)),
    () => 'the part that comes later',
  )
})

t.test(
  'a wish that comes during the visit is heeded from then on, and what is stored goes with the next page',
  async (t) => {
    const context = await site.visitor(t)
    // else the first page's spans leave after 5 s
    await stopClock(context)
    const page = await site.open(t, context)
    await page.waitForFunction(() => localStorage.length)
    await context.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true }),
    )
    await page.evaluate(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true }))
    await page.evaluate(act)
    await page.goto(`${site.origin}/second`)
    await page.waitForFunction(() => !localStorage.length && !sessionStorage.length)
    t.same(site.received, [])
  },
)

t.test('?leadlight=ignore keeps the choice and nothing else, until ?leadlight=count', async (t) => {
  const context = await site.visitor(t)
  const page = await site.open(t, context, '/?leadlight=ignore')
  await page.waitForLoadState('load')
  await page.goto(`${site.origin}/second`)
  await page.evaluate(act)
  await hide(page)
  t.same(await storageKeys(page), ['leadlight:choice'])
  t.same(site.received, [])
  await expectTelemetry(t, site, {
    action: async () => {
      await page.goto(`${site.origin}/?a=b&leadlight=count`)
      await page.evaluate(act)
    },
    events: [{ type: 'widget_loaded' }, { type: 'widget_opened' }, { type: 'lead_captured' }],
  })
  t.notOk((await storageKeys(page)).includes('leadlight:choice'))
})

for (const [name, signals, path] of [
  ['Global Privacy Control', { globalPrivacyControl: true }, '/second'],
  ['?leadlight=ignore', {}, '/second?leadlight=ignore'],
] as const)
  t.test(`${name} removes the lead that an earlier visit could not send, from both places`, async (t) => {
    site.options = away
    const context = await site.visitor(t)
    const page = await site.open(t, context)
    await page.evaluate(() => telemetry.leadCaptured({ contact: 'form' }))
    await untilDatabases(page, true)
    await context.addInitScript((values) => {
      for (const [name, value] of Object.entries(values))
        Object.defineProperty(Navigator.prototype, name, { get: () => value })
    }, signals)
    await page.goto(`${site.origin}${path}`)
    await untilDatabases(page, false)
    t.notOk((await storageKeys(page)).some((key) => key.startsWith('leadlight:queue')))
  })

t.test('while consent is pending events wait in memory; granted, they are sent', async (t) => {
  site.options = `{ consent: 'pending' }`
  const page = await site.open(t, await site.visitor(t))
  await page.evaluate(() => telemetry.leadCaptured({ contact: 'form' }))
  await hide(page)
  t.same(await storageKeys(page), [])
  t.same(site.received, [])
  const events = await expectTelemetry(t, site, {
    action: () => page.evaluate(() => telemetry.consent('granted')),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  t.equal(await page.evaluate(() => telemetry.sessionId), events[0]?.session_id)
  await untilSpans(site, page, 2)
})

t.test('pages that ask anew each time belong to one session once consent is granted', async (t) => {
  site.options = `{ consent: 'pending' }`
  const page = await site.open(t, await site.visitor(t))
  const grant = () => {
    telemetry.consent('granted')
    telemetry.leadCaptured({ contact: 'form' })
  }
  const events = await expectTelemetry(t, site, {
    action: async () => {
      await page.evaluate(grant)
      await page.goto(`${site.origin}/second`)
      await page.evaluate(grant)
    },
    events: ['widget_loaded', 'lead_captured', 'widget_loaded', 'lead_captured'].map((type) => ({ type })),
  })
  t.equal(new Set(events.map((event) => event.session_id)).size, 1)
})

t.test('denied consent discards what waits, and what earlier pages left', async (t) => {
  site.options = away
  const context = await site.visitor(t)
  const page = await site.open(t, context)
  await page.evaluate(() => telemetry.leadCaptured({ contact: 'form' }))
  await page.waitForFunction(() => localStorage.length)
  await untilDatabases(page, true)
  site.options = `{ consent: 'pending' }`
  await page.goto(`${site.origin}/second`)
  await page.evaluate(() => telemetry.leadCaptured({ contact: 'form' }))
  await page.evaluate(() => telemetry.consent('denied'))
  await page.evaluate(() => telemetry.leadCaptured({ contact: 'form' }))
  await hide(page)
  await untilDatabases(page, false)
  t.same(await storageKeys(page), [])
  await page.evaluate(() => telemetry.stop())
  t.same(site.received, [])
})

t.test('data-consent="pending" holds the script tag back as well, until an event grants it', async (t) => {
  site.attributes = 'data-consent="pending"'
  t.same(await visit(t, site), [])
  t.same(site.received, [])
  t.same(site.loaded, ['/widget.js', '/widget.js'])
  const page = await site.open(t, await site.visitor(t))
  await expectTelemetry(t, site, {
    action: () =>
      page.evaluate(() => {
        const detail = { type: 'consent', properties: { state: 'granted' } }
        dispatchEvent(new CustomEvent('leadlight', { detail }))
      }),
    events: [{ type: 'widget_loaded' }],
  })
})
