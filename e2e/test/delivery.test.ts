import type { BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import { dose } from 'stack/dose'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { act, acted, hide, laterMs, leave, startRoofer } from './roofer.ts'

const roofer = await startRoofer(t)
const browser = await launchBrowser()
t.teardown(() => browser.close())

const minute = 60_000

async function visitor(t: Test): Promise<BrowserContext> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  return context
}

/** As a person does it: the page hears that it goes. `close()` alone is what a crash is to it. */
async function closeTab(page: Page): Promise<void> {
  const closed = page.waitForEvent('close')
  await page.close({ runBeforeUnload: true })
  await closed
}

const counted = (types: string[]) =>
  [...new Set(types)].sort().map((type) => `${type} ${types.filter((one) => one === type).length}`)

/** Compares what is stored from the page with what happened there: all of it, nothing twice. */
async function expectStored(t: Test, path: string, expected = acted): Promise<void> {
  t.strictSame(counted(await roofer.untilStored(path, expected.length)), counted(expected))
}

t.afterEach(() => roofer.door.heal())

t.test('navigating away', async (t) => {
  const page = await roofer.open(t, await visitor(t), '/navigate')
  await page.evaluate(act)
  await page.goto('about:blank')
  await expectStored(t, '/navigate')
})

t.test('closing the tab', async (t) => {
  const page = await roofer.open(t, await visitor(t), '/close')
  await page.evaluate(act)
  await closeTab(page)
  await expectStored(t, '/close')
})

t.test('reloading', async (t) => {
  const page = await roofer.open(t, await visitor(t), '/reload')
  await page.evaluate(act)
  await page.reload()
  await page.evaluate(act)
  await closeTab(page)
  await expectStored(t, '/reload', [...acted, ...acted])
})

t.test('away and back, out of the back/forward cache, while another page took over what was left', async (t) => {
  const context = await visitor(t)
  const page = await roofer.open(t, context, '/back')
  // headless Chromium has no such cache: the page is frozen by hand, and told what it would be told
  const devtools = await context.newCDPSession(page)
  const transition = (type: string) =>
    page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type)
  roofer.door.set({ kind: 'down' })
  await page.evaluate(act)
  await transition('pagehide')
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  roofer.door.heal()
  await roofer.comeAgain(t, context)
  await expectStored(t, '/back')
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await transition('pageshow')
  await page.evaluate(act)
  await page.close()
  await expectStored(t, '/back', [...acted, ...acted.slice(1)])
})

t.test('hidden, and killed there without another word', async (t) => {
  const page = await roofer.open(t, await visitor(t), '/hidden')
  await page.evaluate(() =>
    document.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, detail: { type: 'widget_opened' } })),
  )
  await hide(page)
  await page.goto('chrome://crash').catch(() => {})
  await expectStored(t, '/hidden', ['widget_loaded', 'widget_opened'])
})

t.test('ten minutes without a network', async (t) => {
  const context = await visitor(t)
  await context.clock.install()
  const page = await roofer.open(t, context, '/offline')
  // the first batch leaves at some moment of the first half minute: before the network is gone
  await page.clock.runFor(minute / 2)
  await roofer.untilStored('/offline', 1)
  await context.setOffline(true)
  await page.evaluate(act)
  for (let passed = 0; passed < 10; passed++) await page.clock.runFor(minute)
  t.strictSame(await roofer.stored('/offline'), ['widget_loaded'])
  await context.setOffline(false)
  const stored = async () => {
    await page.clock.runFor(10_000)
    return (await roofer.stored('/offline')).length >= acted.length
  }
  await waitFor(stored, { timeoutMs: minute })
  await expectStored(t, '/offline')
})

t.test('ten tabs at once, closed together while the service is away', async (t) => {
  const context = await visitor(t)
  const pages = await Promise.all(Array.from({ length: 10 }, () => roofer.open(t, context, '/tabs')))
  roofer.door.set({ kind: 'down' })
  for (const page of pages) await page.evaluate(act)
  await Promise.all(pages.map((page) => page.close()))
  roofer.door.heal()
  await roofer.comeAgain(t, context, laterMs)
  await expectStored(t, '/tabs', Array(10).fill(acted).flat())
})

t.test('a storage that is denied', async (t) => {
  const context = await visitor(t)
  await context.addInitScript(() => {
    for (const area of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, area, {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
  })
  const page = await roofer.open(t, context, '/denied')
  await page.evaluate(act)
  await page.close()
  await expectStored(t, '/denied')
})

t.test('a storage that is full, of which nothing is taken from the page', async (t) => {
  const context = await visitor(t)
  await context.addInitScript(() => {
    for (let size = 1 << 22; size; size >>= 1) {
      try {
        for (let index = 0; ; index++) localStorage.setItem(`own-${size}-${index}`, 'x'.repeat(size))
      } catch {
        // as much as there is room for
      }
    }
  })
  const page = await roofer.open(t, context, '/full')
  const own = () => page.evaluate(() => JSON.stringify(Object.entries(localStorage).sort()))
  const before = await own()
  await page.evaluate(act)
  t.equal(await own(), before)
  await page.close()
  await expectStored(t, '/full')
})

t.test('a page that holds 50 KiB of what may outlive it', async (t) => {
  const context = await visitor(t)
  const page = await roofer.open(t, context, '/budget')
  await page.evaluate(() => {
    for (const body of ['x'.repeat(25 * 1_024), 'y'.repeat(25 * 1_024)])
      fetch('/hold', { method: 'POST', body, keepalive: true }).catch(() => {})
  })
  await page.evaluate(act)
  await page.evaluate(() => {
    for (let index = 0; index < 60; index++)
      document.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, detail: { type: 'message_sent' } }))
  })
  await leave(page)
  await roofer.comeAgain(t, context)
  await expectStored(t, '/budget', [...acted, ...Array(60).fill('message_sent')])
})

t.test('a service that is away, and there again on the next visit', async (t) => {
  const context = await visitor(t)
  // before the page is there: its first batch leaves at any moment
  roofer.door.set({ kind: 'down' })
  const page = await roofer.open(t, context, '/away')
  await page.evaluate(act)
  await leave(page)
  t.strictSame(await roofer.stored('/away'), [])
  roofer.door.heal()
  await roofer.comeAgain(t, context)
  await expectStored(t, '/away')
})

for (const status of [429, 503])
  t.test(`${status} with Retry-After: 120 is kept to, from another origin too`, async (t) => {
    const path = `/asked-${status}`
    const context = await visitor(t)
    await context.clock.install()
    const later = context.waitForEvent('response', (response) => response.url().includes('widget-later'))
    const page = await roofer.open(t, context, path)
    await later
    await page.clock.pauseAt(Date.now() + 60_000)
    roofer.door.set({ kind: 'answer', status, headers: { 'retry-after': '120' } })
    const sentBefore = roofer.door.received.length
    const tries = () => roofer.door.received.slice(sentBefore).filter((post) => post.path.endsWith('/events')).length
    await page.evaluate(act)
    t.ok(await waitFor(() => tries() === 1, { timeoutMs: minute }))
    // the answer is on its way back: the queue promises to be there after the pause
    await waitFor(
      () =>
        page.evaluate(() =>
          Object.values(localStorage).some((queue) => JSON.parse(queue).aliveUntilMs > Date.now() + 230_000),
        ),
      { timeoutMs: minute },
    )
    await page.clock.runFor(119_000)
    t.equal(tries(), 1, 'not before two minutes have passed')
    roofer.door.heal()
    await page.clock.runFor(5_000)
    await expectStored(t, path)
  })

t.test('a tab that crashes while the service is away', async (t) => {
  const context = await visitor(t)
  const page = await roofer.open(t, context, '/crash')
  roofer.door.set({ kind: 'down' })
  await page.evaluate(act)
  await page.goto('chrome://crash').catch(() => {})
  await page.close()
  roofer.door.heal()
  await roofer.comeAgain(t, context, laterMs)
  await expectStored(t, '/crash')
})

t.test('the answer lost after the commit, again and again: each event once', async (t) => {
  const visits = dose({ short: 20, long: 500 })
  // what waits for an answer stays in the visitor's queue, which holds 500 events: nobody's is to overflow
  const visitsOfOne = 20
  const ways = [
    (page: Page) => page.goto('about:blank'),
    (page: Page) => page.reload(),
    (page: Page) => page.goto(`${roofer.origin}/bare`),
  ]
  const answersLost = () => roofer.door.lost.filter((path) => path.endsWith('/events')).length
  let context = await visitor(t)
  for (let visit = 0; visit < visits; visit++) {
    roofer.door.heal()
    if (visit > 0 && visit % visitsOfOne === 0) {
      await roofer.comeAgain(t, context, laterMs)
      context = await visitor(t)
    }
    const page = await roofer.open(t, context, `/lost`)
    roofer.door.set({ kind: 'answer lost' })
    const before = answersLost()
    await page.evaluate(act)
    await ways[visit % ways.length]!(page)
    await closeTab(page)
    // or the door would be healed when they come
    t.ok(await waitFor(() => answersLost() > before, { timeoutMs: minute, intervalMs: 20 }))
  }
  roofer.door.heal()
  await roofer.comeAgain(t, context, laterMs)
  const reloads = Array.from({ length: visits }, (_, visit) => visit).filter((visit) => visit % ways.length === 1)
  const expected = [...Array(visits).fill(acted).flat(), ...reloads.map(() => 'widget_loaded')]
  await expectStored(t, '/lost', expected)
  const sent = () =>
    roofer.door.received
      .flatMap(({ path, body }) => (path.endsWith('/events') ? JSON.parse(body).events : []))
      .filter(({ page }) => page === '/lost').length
  // all is stored before all of it has come again
  await waitFor(() => sent() >= expected.length + visits, { timeoutMs: minute })
  t.ok(sent() >= expected.length + visits, `${sent()} were sent for ${expected.length}`)
})
