import { maxBatchBytes, maxBatchEvents } from 'contract/limits'
import type { Page } from 'playwright-core'
import t from 'tap'
import { expectTelemetry, hide, lead, opened, runUntil, startSite, stopClock, storageKeys, until } from './site.ts'

const site = await startSite(t)

t.beforeEach(async () => {
  await site.reset()
  site.options = '{}'
})

const stored = () => Object.keys(localStorage).map((key) => JSON.parse(localStorage[key]))

t.test('events wait in the store for the batch, at most 30 s', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context)
  await page.evaluate(opened)
  await page.clock.runFor(100)
  t.equal(site.batches.length, 0)
  t.match(await page.evaluate(stored), [{ events: [{ type: 'widget_loaded' }, { type: 'widget_opened' }] }])
  await expectTelemetry(t, site, {
    action: () => page.clock.runFor(30_000),
    events: [{ type: 'widget_loaded' }, { type: 'widget_opened' }],
  })
  t.equal(site.batches.length, 1)
  await page.waitForFunction(() => !localStorage.length)
  await page.clock.runFor(120_000)
  t.equal(site.batches.length, 1, 'nothing is sent when nothing waits')
})

for (const [type, action] of [
  ['lead_captured', lead],
  ['quote_requested', () => telemetry.quoteRequested()],
  ['widget_error', () => telemetry.error('no')],
] as const) {
  t.test(`${type} is sent at once, with all that waits`, async (t) => {
    const context = await site.visitor(t)
    await stopClock(context)
    const page = await site.open(t, context)
    await expectTelemetry(t, site, {
      action: () => page.evaluate(action),
      events: [{ type: 'widget_loaded' }, { type }],
    })
    t.equal(site.batches.length, 1)
  })
}

t.test('a page that hides sends what waits; one that hides twice sends it once', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  await expectTelemetry(t, site, {
    action: async () => {
      await page.evaluate(opened)
      await hide(page)
      await hide(page)
    },
    events: [{ type: 'widget_loaded' }, { type: 'widget_opened' }],
  })
  t.equal(site.duplicates, 0)
  await page.waitForFunction(() => !localStorage.length)
})

t.test('navigating away and closing the tab deliver everything', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  await expectTelemetry(t, site, {
    action: () => page.evaluate(opened).then(() => page.goto('about:blank')),
    events: [{ type: 'widget_loaded' }, { type: 'widget_opened' }],
  })
  await page.goto(`${site.origin}/second`)
  await expectTelemetry(t, site, { action: () => page.close(), events: [{ type: 'widget_loaded' }] })
})

/** Lets the page record more than it may at once: 90 messages each ten seconds, kept back until consent is granted. */
async function recordMany(page: Page, rounds: number) {
  for (let round = 0; round < rounds; round++) {
    await page.evaluate(() => {
      for (let index = 0; index < 90; index++) telemetry.messageSent()
    })
    await page.clock.runFor(10_000)
  }
}

t.test('a long queue leaves in batches the service takes, of any script', async (t) => {
  site.options = `{ consent: 'pending' }`
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context)
  await recordMany(page, 3)
  await page.evaluate(() => telemetry.error(new Error('屋根'.repeat(128))))
  await page.evaluate(() => telemetry.consent('granted'))
  await until(
    () => site.stored.size === 272,
    () => '272 events',
  )
  t.ok(site.received.every(({ body }) => Buffer.byteLength(body) <= maxBatchBytes))
  t.ok(site.batches.every(({ events }) => events.length <= maxBatchEvents))
  t.equal(site.batches[0]?.events[0]?.type, 'widget_error', 'the urgent one first')
  t.equal(site.duplicates, 0)
})

t.test('a widget caught in a loop is cut to a hundred events and ten a second; leads and quotes pass', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context)
  const loop = () => {
    for (let index = 0; index < 1_000; index++) telemetry.messageSent()
  }
  await page.clock.runFor(1_000)
  await page.evaluate(loop)
  await page.clock.runFor(1_050)
  await page.evaluate(loop)
  await page.evaluate(lead)
  // a hundred spans on their way may leave no room for a request that outlives the page, and the next try comes in a moment
  await runUntil(
    page,
    () => site.stored.size >= 112,
    () => `112 events, not ${site.stored.size}`,
  )
  const types = [...site.stored.values()].map(({ type }) => type).sort()
  t.same(types, ['lead_captured', ...Array(110).fill('message_sent'), 'widget_loaded'])
  t.match(site.batches[0]?.dropped?.counts, { rate_limited: 1_890 })
})

t.test('the next visit adopts what an earlier one could not send', async (t) => {
  const context = await site.visitor(t)
  site.answer = () => ({ status: 503, headers: { 'retry-after': '600' } })
  const first = await site.open(t, context)
  await first.evaluate(lead)
  await until(
    () => site.batches.length === 1,
    () => 'the refused batch',
  )
  await first.close()
  site.answer = () => undefined
  const page = await context.newPage()
  await expectTelemetry(t, site, {
    action: () => page.goto(site.origin),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }, { type: 'widget_loaded' }],
  })
  t.equal(new Set([...site.stored.values()].map((event) => event.session_id)).size, 2, 'a new tab is a new session')
  await page.waitForFunction(() => !localStorage.length)
})

t.test('what a crashed tab had is adopted when its promise to come back has run out, not earlier', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context)
  site.answer = () => ({ status: 503 })
  const first = await site.open(t, context)
  await first.evaluate(lead)
  await until(
    () => site.batches.length === 1,
    () => 'the refused batch',
  )
  await first.goto('chrome://crash').catch(() => {})
  await first.close()
  site.answer = () => undefined
  const page = await site.open(t, context)
  await expectTelemetry(t, site, { action: () => page.clock.runFor(16_000), events: [{ type: 'widget_loaded' }] })
  await until(
    () => page.evaluate(() => localStorage.length === 1),
    () => 'the end of its own queue',
  )
  await page.clock.runFor(74_000)
  t.equal(await page.evaluate(() => localStorage.length), 1, 'the other queue is left alone')
  await runUntil(
    page,
    () => site.stored.size === 3,
    () => 'what the crashed tab had',
  )
  t.equal(site.duplicates, 0)
})

t.test('of two queues left behind the one of another site key is left alone', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context, '/bare')
  await page.evaluate(() => {
    for (const site of ['pk_test', 'pk_other'])
      localStorage.setItem(
        `leadlight:queue:${site}`,
        JSON.stringify({ site, aliveUntilMs: Date.now(), offsetMs: 0, reports: [], events: [] }),
      )
  })
  await page.goto(site.origin)
  await runUntil(
    page,
    async () => !(await storageKeys(page)).includes('leadlight:queue:pk_test'),
    () => 'the end of the queue that is ours',
  )
  t.ok((await storageKeys(page)).includes('leadlight:queue:pk_other'))
})

t.test('without any storage events still arrive', async (t) => {
  const context = await site.visitor(t)
  await context.addInitScript(() => {
    for (const area of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, area, {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    }
  })
  const page = await site.open(t, context)
  const events = await expectTelemetry(t, site, {
    action: () => page.evaluate(lead),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  t.equal(events[0]?.session_id, events[1]?.session_id)
})

t.test('a queue that nobody fetches stays bounded, keeps the lead and reports the rest', async (t) => {
  site.options = `{ consent: 'pending' }`
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context)
  await page.evaluate(lead)
  await recordMany(page, 6)
  site.answer = () => ({ status: 503 })
  await page.evaluate(() => telemetry.consent('granted'))
  await until(
    () => site.batches.length === 1,
    () => 'the refused batch',
  )
  t.equal((await page.evaluate(stored))[0].events.length, 500)
  site.answer = () => undefined
  await runUntil(
    page,
    () => site.stored.size === 500,
    () => `500 events, not ${site.stored.size}`,
  )
  t.ok([...site.stored.values()].some(({ type }) => type === 'lead_captured'))
  t.match(site.batches.at(-1)?.dropped?.counts ?? site.batches[0]?.dropped?.counts, { queue_overflow: 42 })
})

t.test('stop() sends what waits and lets go of the page', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  await expectTelemetry(t, site, {
    action: () => page.evaluate(() => telemetry.stop()),
    events: [{ type: 'widget_loaded' }],
  })
  await page.evaluate(lead)
  await hide(page)
  t.equal(site.batches.length, 1)
  t.same(await page.evaluate(() => localStorage.length), 0)
})
