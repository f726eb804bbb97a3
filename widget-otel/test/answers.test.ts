// What becomes of a batch by the answer to it: tried again, kept, halved or given up, and told of with the next.
import t from 'tap'
import { expectTelemetry, hide, lead, opened, startSite, stopClock, until, verdict } from './site.ts'

const site = await startSite(t)

t.beforeEach(async () => {
  await site.reset()
  site.options = '{}'
})

/** The part that comes when the page is idle has come. */
const isIdle = () => performance.getEntriesByType('resource').some(({ name }) => name.includes('widget-later'))

t.test('503 is retried after Retry-After, not earlier, and nothing is stored twice', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context)
  site.answer = () => ({ status: 503, headers: { 'retry-after': '120' } })
  await page.evaluate(lead)
  await until(
    () => site.batches.length === 1,
    () => 'the first try',
  )
  await page.waitForFunction(() => JSON.parse(Object.values(localStorage)[0]).aliveUntilMs > Date.now() + 200_000)
  await page.clock.runFor(60_000)
  await page.evaluate(opened)
  await hide(page)
  await page.clock.runFor(59_000)
  t.equal(site.batches.length, 1, 'even a page that hides keeps to it')
  site.answer = () => undefined
  await expectTelemetry(t, site, {
    action: () => page.clock.runFor(5_000),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }, { type: 'widget_opened' }],
  })
  t.equal(site.batches.length, 2)
  t.equal(site.duplicates, 0)
})

t.test('an answer that never comes or cannot be read is retried', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  const context = page.context()
  await page.waitForFunction(isIdle)
  await context.setOffline(true)
  await page.evaluate(lead)
  site.answer = () =>
    site.batches.length === 1 ? { status: 200, body: '<html>Welcome to our Wi-Fi</html>' } : undefined
  await expectTelemetry(t, site, {
    action: () => context.setOffline(false),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  t.equal(site.duplicates, 0)
})

for (const status of [401, 403, 404]) {
  t.test(`after ${status} the page view is silent, and the next one sends what it kept`, async (t) => {
    const context = await site.visitor(t)
    site.options = '{ debug: true }'
    site.answer = () => ({ status })
    // the part that knows what 404 means may come long after the answer
    const silenced = context.waitForEvent('console', (message) => message.text().includes(`silent after ${status}`))
    const page = await site.open(t, context)
    await page.evaluate(lead)
    await silenced
    await page.evaluate(lead)
    await hide(page)
    await page.evaluate(() => telemetry.stop())
    t.equal(site.batches.length, 1)
    t.equal(site.spans.length, 0)
    site.answer = () => undefined
    await page.goto(`${site.origin}/second`)
    await expectTelemetry(t, site, {
      action: () => page.evaluate(lead),
      events: ['widget_loaded', 'lead_captured', 'lead_captured', 'widget_loaded', 'lead_captured'].map((type) => ({
        type,
      })),
    })
  })
}

t.test('400 drops the batch and reports it with the next', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  site.answer = ({ events }) => (events.some(({ type }) => type === 'lead_captured') ? { status: 400 } : undefined)
  await page.evaluate(lead)
  await page.waitForFunction(() => Object.values(localStorage).some((queue) => JSON.parse(queue).lost?.rejected === 2))
  await expectTelemetry(t, site, {
    action: () => page.evaluate(() => telemetry.quoteRequested()),
    events: [{ type: 'quote_requested' }],
  })
  t.match(site.batches.at(-1)?.dropped, { report_id: /^[0-9a-f-]{36}$/, counts: { rejected: 2 } })
  await page.waitForFunction(() => !localStorage.length)
})

t.test('413 halves the batch until it passes, and gives up one that is too large alone', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  site.answer = ({ events }) =>
    events.length > 2 || events.some(({ type }) => type === 'widget_error') ? { status: 413 } : undefined
  await page.evaluate(() => {
    for (let index = 0; index < 6; index++) telemetry.messageSent()
    telemetry.error('no')
  })
  await until(
    () => site.stored.size === 7,
    () => 'the seven others',
  )
  t.equal(site.duplicates, 0)
  await hide(page)
  await until(
    () => site.batches.some(({ dropped }) => dropped?.counts.rejected === 1),
    () => 'the report',
  )
})

t.test('a rejected event is dropped and reported, its neighbours are done', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  site.answer = ({ events }) =>
    site.batches.length === 1
      ? verdict({ accepted: 1, rejected: [{ index: 0, id: events[0]?.id, reason: 'invalid_properties', detail: '' }] })
      : undefined
  await page.evaluate(lead)
  await page.waitForFunction(() => JSON.parse(Object.values(localStorage)[0]).events.length === 0)
  await expectTelemetry(t, site, {
    action: () => page.evaluate(() => telemetry.quoteRequested()),
    events: [{ type: 'quote_requested' }],
  })
  t.match(site.batches.at(-1)?.dropped?.counts, { rejected: 1 })
})
