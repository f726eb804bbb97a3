import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { addTenant } from 'ingest-service/cli/tenants'
import pg from 'pg'
import { launchBrowser } from 'stack/browser'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { cloneDatabase } from 'stack/test-database'
import t from 'tap'
import { eventually } from './backends.ts'
import { startService } from './service.ts'

const { url } = await cloneDatabase(t)
const service = await startService(t, url)
const db = new pg.Pool({ connectionString: url, max: 1 })
t.teardown(() => db.end())
const port = await freePort()
const origin = `http://127.0.0.1:${port}`
const { site_key } = await addTenant(db, { name: 'Acme', timeZone: 'UTC', origins: [origin] })
const program = fileURLToPath(new URL('../../widget-otel/example/serve.ts', import.meta.url))
const example = startChild({ file: process.execPath, args: [program, site_key, service.url, `${port}`] })
t.teardown(() => example.stop(5_000))
await once(example.stdout, 'data')
const browser = await launchBrowser()
t.teardown(() => browser.close())

async function open() {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  // what the policy refuses is written there, too; the service has no collector, and a page no favicon
  page.on('console', ({ text }) => /status of (404|503)/.test(text()) || complaints.push(text()))
  const script = page.waitForResponse(`${service.url}/widget.js`)
  await page.goto(origin)
  await script
  await page.waitForLoadState('load')
  return { page, complaints }
}

const stored = async (): Promise<string[]> => {
  const { rows } = await db.query('select type from leadlight.events order by id')
  return rows.map(({ type }) => type)
}

t.test('the example page’s events are stored, and its policy is not broken', async (t) => {
  const { page, complaints } = await open()
  await page.getByText('Estimate my roof').click()
  await page.getByText('About $4,200').waitFor()
  await page.getByText('Call me back').click()
  await page.getByText('We call you today').waitFor()
  const types = await eventually(stored, ({ length }) => length >= 4, 60_000)
  t.same(types.toSorted(), ['estimate_generated', 'lead_captured', 'widget_loaded', 'widget_opened'])
  t.same(complaints, [])
  await page.close()
})

t.test('a visitor of the example who does not want to be counted is not', async (t) => {
  const { page } = await open()
  await page.getByText('Ask us not to count you').click()
  await page.getByText('You are not counted on this page').waitFor()
  const sent: string[] = []
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
  // a lead leaves at once, what waits leaves with the page
  await page.getByText('Call me back').click()
  await page.getByText('We call you today').waitFor()
  t.same(await page.evaluate(() => Object.keys(localStorage)), [])
  await page.goto('about:blank')
  t.same(sent, [])
})
