import t from 'tap'
import { expectTelemetry, hide, lead, runUntil, startSite, stopClock, until } from './site.ts'

const site = await startSite(t)

t.beforeEach(async () => {
  await site.reset()
  site.options = '{}'
})

t.test('where the lazy part is refused, a lead of the first second and all else is still delivered', async (t) => {
  const context = await site.visitor(t)
  await context.route(/widget-later-/, (route) => route.abort())
  await stopClock(context)
  const page = await site.open(t, context)
  await expectTelemetry(t, site, {
    action: () => page.evaluate(lead),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  await page.evaluate(() => telemetry.opened())
  const nextBatch = () =>
    runUntil(
      page,
      () => site.stored.size === 3,
      () => 'the next batch, which waits for the answer to the lead',
      5_000,
    )
  await expectTelemetry(t, site, { action: nextBatch, events: [{ type: 'widget_opened' }] })
  site.answer = () => ({ status: 503 })
  await page.evaluate(lead)
  await until(
    () => site.batches.length === 3,
    () => 'the refused batch',
  )
  site.answer = () => undefined
  await runUntil(
    page,
    () => site.stored.size === 4,
    () => 'the second try',
  )
  await page.evaluate(() => telemetry.messageSent())
  await expectTelemetry(t, site, { action: () => hide(page), events: [{ type: 'message_sent' }] })
  t.equal(site.duplicates, 0)
})

t.test(
  'an event on which someone on the way chokes is given up; the others arrive, and nothing while all is down',
  async (t) => {
    const context = await site.visitor(t)
    await stopClock(context)
    const page = await site.open(t, context)
    site.answer = () => ({ status: 503 })
    await page.evaluate(() => {
      telemetry.error(new Error('union select'))
      telemetry.leadCaptured({ contact: 'phone' })
      for (let index = 0; index < 5; index++) telemetry.messageSent()
    })
    // every pause is half of what it may be, and after a dozen failures each batch is one event
    await runUntil(
      page,
      () => site.batches.length >= 14,
      () => `14 tries, not ${site.batches.length}`,
      5_000,
    )
    t.equal(site.batches.at(-1)?.events.length, 1, 'halved until there is one')
    t.notOk(
      site.batches.some(({ dropped }) => dropped),
      'nothing is given up while nothing is taken',
    )
    site.answer = ({ events }) => (events.some(({ type }) => type === 'widget_error') ? { status: 503 } : undefined)
    await runUntil(
      page,
      () => site.stored.size === 7,
      () => `the seven others, not ${site.stored.size}`,
      5_000,
    )
    const timesAlone = () => site.batches.filter(({ events }) => events[0]?.type === 'widget_error').length
    const before = timesAlone()
    await runUntil(
      page,
      () => timesAlone() >= before + 6,
      () => 'tries of the one event left, which then stands before all that follows',
      5_000,
    )
    const tellMore = async () => {
      await page.evaluate(() => telemetry.messageSent())
      return site.batches.some(({ dropped }) => dropped?.counts.too_many_retries === 1)
    }
    await runUntil(page, tellMore, () => 'the report', 5_000)
    t.equal(site.duplicates, 0)
  },
)

t.test('a storage that is full keeps the lead, and tells how many it could not keep', async (t) => {
  const context = await site.visitor(t)
  const page = await site.open(t, context)
  site.answer = () => ({ status: 503 })
  await page.evaluate(() => {
    // room for one event more, and not for thirty
    const room = 2_000
    for (let size = 1 << 20; size > 64; size >>= 1) {
      try {
        for (let index = 0; ; index++) localStorage.setItem(`own-${size}-${index}`, 'x'.repeat(size))
      } catch {
        // as much as there is room for
      }
    }
    let freed = 0
    for (const [key, value] of Object.entries(localStorage)) {
      if (freed >= room || value.length > 1_100) continue
      localStorage.removeItem(key)
      freed += value.length
    }
    for (let index = 0; index < 30; index++) telemetry.messageSent()
    telemetry.leadCaptured({ contact: 'phone' })
  })
  const stored = await page.evaluate(() =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith('leadlight:queue'))
      .map((key) => JSON.parse(localStorage[key])),
  )
  t.match(stored, [{ events: [{ type: 'lead_captured' }], lost: { storage_failed: 31 } }])
  site.answer = () => undefined
  await page.evaluate(lead)
  await until(
    () => site.stored.size === 33,
    () => `all 33 from memory, not ${site.stored.size}`,
  )
  t.notOk(
    site.batches.some(({ dropped }) => dropped),
    'what was sent after all is not reported',
  )
})

t.test('a tag that stands on the page twice counts once; one of another contractor is another', async (t) => {
  site.options = undefined
  const tag = (key: string) => `<script async src="${site.serviceOrigin}/widget.js" data-site-key="${key}"></script>`
  site.head = tag('pk_test') + tag('pk_other')
  const page = await site.open(t, await site.visitor(t))
  await page.waitForLoadState('load')
  await page.evaluate(() =>
    dispatchEvent(new CustomEvent('leadlight', { detail: { type: 'lead_captured', properties: { contact: 'form' } } })),
  )
  await hide(page)
  await until(
    () => site.stored.size >= 4,
    () => `four events, not ${site.stored.size}`,
  )
  await page.goto('about:blank')
  // what was sent twice, because its answer was not waited for, is one event by its id
  const once = new Map(
    site.batches.flatMap(({ site_key, events }) => events.map(({ id, type }) => [id, `${site_key} ${type}`] as const)),
  )
  const counts: Record<string, number> = {}
  for (const what of once.values()) counts[what] = (counts[what] ?? 0) + 1
  t.same(counts, {
    'pk_test widget_loaded': 1,
    'pk_test lead_captured': 1,
    'pk_other widget_loaded': 1,
    'pk_other lead_captured': 1,
  })
})
