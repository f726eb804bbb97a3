import type { Page } from 'playwright-core'
import { dose } from 'stack/dose'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { startOwnBrowser, temporaryProfile } from './own-browser.ts'
import { act, laterMs, startRoofer } from './roofer.ts'

const roofer = await startRoofer(t)

const minute = 60_000

t.afterEach(() => roofer.door.heal())

t.test('the whole browser killed: no lead is lost, and nothing is there twice', async (t) => {
  const profile = await temporaryProfile(t)
  const kills = dose({ short: 2, long: 20 })
  for (let kill = 0; kill < kills; kill++) {
    const { context, end } = await startOwnBrowser(t, profile)
    const page = await roofer.open(t, context, '/killed')
    await page.evaluate(act)
    await waitFor(
      async () => (await roofer.stored('/killed')).filter((type) => type === 'lead_captured').length > kill,
      { timeoutMs: minute },
    )
    await page.evaluate(() =>
      document.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, detail: { type: 'widget_opened' } })),
    )
    await end()
  }
  const { context, end } = await startOwnBrowser(t, profile)
  await roofer.comeAgain(t, context, laterMs)
  await roofer.untilStored('/again', 1)
  await end()
  const stored = await roofer.stored('/killed')
  const count = (type: string) => stored.filter((one) => one === type).length
  t.equal(count('lead_captured'), kills)
  t.equal(count('message_sent'), kills, 'which left with the lead')
  t.ok(count('widget_opened') >= kills && count('widget_opened') <= 2 * kills, 'the last moments may be missing')
})

/** Events that stand in the database of the page's site. */
const mirroredTypes = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const name = 'leadlight:queue:'
    if (!(await indexedDB.databases()).some((database) => database.name === name)) return []
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const database = await done(indexedDB.open(name))
    try {
      const queues: { events: { type: string }[] }[] = await done(database.transaction(name).objectStore(name).getAll())
      return queues.flatMap(({ events }) => events.map(({ type }) => type))
    } finally {
      database.close()
    }
  })

t.test('a lead that only the browser has survives the kill of the whole browser, and is stored once', async (t) => {
  const profile = await temporaryProfile(t)
  const kills = dose({ short: 2, long: 20 })
  const leads = (types: string[]) => types.filter((type) => type === 'lead_captured').length
  for (let kill = 0; kill < kills; kill++) {
    const { context, end } = await startOwnBrowser(t, profile)
    const later = context.waitForEvent('response', (response) => response.url().includes('widget-later'))
    const page = await roofer.open(t, context, '/killed-away')
    await later
    roofer.door.set({ kind: 'down' })
    const before = leads(await mirroredTypes(page))
    await page.evaluate(act)
    const startedMs = performance.now()
    t.ok(await waitFor(async () => leads(await mirroredTypes(page)) > before, { timeoutMs: minute, intervalMs: 20 }))
    await end()
    t.comment(`killed ${Math.round(performance.now() - startedMs)} ms after the lead`)
  }
  t.equal(leads(await roofer.stored('/killed-away')), 0)
  roofer.door.heal()
  const again = await startOwnBrowser(t, profile)
  await roofer.comeAgain(t, again.context, laterMs)
  await waitFor(async () => leads(await roofer.stored('/killed-away')) >= kills, { timeoutMs: minute })
  await roofer.untilStored('/again', 1)
  await again.end()
  t.equal(leads(await roofer.stored('/killed-away')), kills)
})
