import type { Page } from 'playwright-core'
import t from 'tap'
import { away, expectTelemetry, lead, opened, runUntil, startSite, stopClock, until, untilDatabases } from './site.ts'

const site = await startSite(t)

t.beforeEach(async () => {
  await site.reset()
  site.options = '{}'
})

/** What the mirror holds, as another page of the site would read it. */
const mirrored = (page: Page): Promise<{ site: string; events: { type: string }[] }[]> =>
  page.evaluate(async () => {
    if (!(await indexedDB.databases()).length) return []
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const database = await done(indexedDB.open('leadlight:queue:'))
    try {
      return await done(database.transaction('leadlight:queue:').objectStore('leadlight:queue:').getAll())
    } finally {
      database.close()
    }
  })

const untilMirrored = (page: Page, count: number) =>
  until(
    async () => (await mirrored(page)).flatMap(({ events }) => events).length === count,
    () => `${count} events in the mirror`,
  )

t.test('what is urgent is mirrored until the service has it, and nothing else; then the database goes', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  site.answer = () => ({ status: 503 })
  await page.evaluate(opened)
  await page.evaluate(lead)
  await untilMirrored(page, 1)
  t.match(await mirrored(page), [{ site: 'pk_test', events: [{ type: 'lead_captured' }] }])
  site.answer = () => undefined
  await expectTelemetry(t, site, {
    action: async () => {},
    events: [{ type: 'widget_loaded' }, { type: 'widget_opened' }, { type: 'lead_captured' }],
  })
  await untilDatabases(page, false)
})

t.test('a page whose localStorage is gone with the browser finds the lead in the mirror, once', async (t) => {
  const context = await site.visitor(t)
  site.options = away
  const first = await site.open(t, context)
  await first.evaluate(lead)
  await untilMirrored(first, 1)
  await first.close()
  const bare = await site.open(t, context, '/bare')
  await bare.evaluate(() => localStorage.clear())
  site.options = '{}'
  await stopClock(context, 180_000)
  const page = await site.open(t, context)
  await runUntil(
    page,
    () => site.stored.size >= 2,
    () => 'the lead of the earlier page',
  )
  t.same([...site.stored.values()].map(({ type }) => type).sort(), ['lead_captured', 'widget_loaded'])
  await untilDatabases(page, false)
  t.equal(site.duplicates, 0)
})

t.test('ten tabs share the database, and none removes what another one wrote', async (t) => {
  const context = await site.visitor(t)
  site.answer = () => ({ status: 503 })
  const pages = await Promise.all(Array.from({ length: 10 }, () => site.open(t, context)))
  await Promise.all(pages.map((page) => page.evaluate(lead)))
  await untilMirrored(pages[0] as Page, 10)
  t.equal((await mirrored(pages[0] as Page)).length, 10)
  site.answer = () => undefined
  await until(
    () => [...site.stored.values()].filter(({ type }) => type === 'lead_captured').length === 10,
    () => 'ten leads',
  )
  await untilDatabases(pages[0] as Page, false)
  t.equal(site.duplicates, 0)
})

t.test('another contractor\u2019s mirror is left alone', async (t) => {
  const context = await site.visitor(t)
  const page = await site.open(t, context, '/bare')
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open('leadlight:queue:')
        opening.onupgradeneeded = () => {
          const store = opening.result.createObjectStore('leadlight:queue:', { keyPath: 'key' })
          store.put({
            key: 'leadlight:queue:x',
            site: 'pk_other',
            aliveUntilMs: 1e15,
            offsetMs: 0,
            reports: [],
            events: [],
          })
        }
        opening.onsuccess = () => {
          opening.result.close()
          resolve(undefined)
        }
      }),
  )
  await expectTelemetry(t, site, {
    action: () => page.goto(site.origin).then(() => page.evaluate(lead)),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  let held: { site: string }[] = []
  await until(
    async () => {
      held = await mirrored(page)
      return held.length === 1
    },
    () => 'its own to go',
  )
  t.match(held, [{ site: 'pk_other' }])
})

for (const [how, deny] of Object.entries({
  'that throws': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
  },
  'there is none': () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
}))
  t.test(`where IndexedDB is denied (${how}) a lead arrives, and the page hears nothing`, async (t) => {
    const context = await site.visitor(t)
    await context.addInitScript(deny)
    const page = await context.newPage()
    const heard: string[] = []
    page.on('pageerror', (error) => heard.push(error.message))
    page.on('console', (message) => heard.push(message.text()))
    await page.goto(site.origin)
    site.answer = () => ({ status: 401 })
    await page.evaluate(lead)
    await until(
      () => site.batches.length === 1,
      () => 'the refused batch',
    )
    site.answer = () => undefined
    await expectTelemetry(t, site, {
      action: () => page.goto(`${site.origin}/second`),
      events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }, { type: 'widget_loaded' }],
    })
    t.same(
      heard.filter((line) => !line.startsWith('Failed to load resource')),
      [],
    )
  })
