import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { buildBundles } from './bundles.ts'

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const bundles = await buildBundles(t)
const browser = await launchBrowser()
t.teardown(() => browser.close())

type Sent = { type: string; properties: Record<string, unknown> }

/** The demo site with a receiver of its own for what its widget reports. */
async function open(t: Test, look = {}) {
  const events: Sent[] = []
  const receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type,x-site-key' }
    if (request.url === '/api/v1/widget/events') events.push(...JSON.parse(body).events)
    response
      .writeHead(200, { ...cors, 'content-type': 'application/json' })
      .end(
        JSON.stringify({ accepted: 1, duplicates: 0, ignored: 0, rejected: [], server_time: new Date().toISOString() }),
      )
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  t.teardown(() => receiver.close())
  const ingestUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const app = await buildApp({ ingestUrl, siteKey: 'pk_test', bundles })
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const context = await browser.newContext({ reducedMotion: 'reduce', ...look })
  t.teardown(() => context.close())
  const tab = await context.newPage()
  tab.on('pageerror', (error) => t.fail(`the page threw ${error}`))
  tab.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) t.fail(message.text())
  })
  await tab.goto(origin)
  const press = async (name: string, pressed: boolean) => {
    await tab.locator(`#switch-${name}`).click()
    await tab.locator(`#switch-${name}[aria-pressed=${pressed}]`).waitFor()
  }
  const seen = async (...types: string[]) => {
    const missing = () => types.filter((type) => !events.some((event) => event.type === type))
    for (const stopAt = Date.now() + 60_000; missing().length > 0 && Date.now() < stopAt; ) await tab.waitForTimeout(50)
    t.same(missing(), [], `reported: ${types}`)
    return events
  }
  return { tab, press, seen }
}

const launcher = (tab: Page) => tab.getByRole('button', { name: 'Get an instant estimate' })

t.test('a visit by keyboard and mouse tells each of its steps once', async (t) => {
  const { tab, seen } = await open(t)
  await launcher(tab).press('Enter')
  await tab.getByRole('button', { name: 'A new roof' }).click()
  await tab.getByLabel('Write a message').fill('2,000 sq ft')
  await tab.keyboard.press('Enter')
  await tab.getByRole('button', { name: 'Metal' }).click()
  await tab.getByText('$16,000').waitFor()
  await tab.getByLabel('E-mail or phone').fill('neither')
  await tab.keyboard.press('Enter')
  await tab.getByText('neither an e-mail address nor a phone number').waitFor()
  await tab.getByLabel('E-mail or phone').fill('ann@example.com')
  await tab.keyboard.press('Enter')
  await tab.getByRole('button', { name: 'Ask for a written quote' }).click()
  await tab.getByText('within one working day').waitFor()
  await tab.keyboard.press('Escape')
  await launcher(tab).waitFor()

  const events = await seen('quote_requested')
  t.same(events.map(({ type }) => type).sort(), [
    'estimate_generated',
    'lead_captured',
    'message_sent',
    'message_sent',
    'message_sent',
    'quote_requested',
    'widget_loaded',
    'widget_opened',
  ])
  t.match(events.find(({ type }) => type === 'quote_requested')?.properties, {
    service: 'roof-replacement',
    amount: 16_000,
    currency: 'USD',
  })
  t.notMatch(JSON.stringify(events), /ann@example|2,000 sq ft/, 'nothing the visitor typed')
})

t.test('a failing API is reported, and the visitor can try again', async (t) => {
  const { tab, press, seen } = await open(t)
  await launcher(tab).waitFor()
  await press('failing-api', true)
  await launcher(tab).click()
  await tab.getByRole('button', { name: 'Fix a leak' }).click()
  await tab.getByRole('button', { name: 'Try again' }).waitFor()
  const errors = (await seen('widget_error')).filter(({ type }) => type === 'widget_error')
  t.match(errors, [{ properties: { source: 'api', operation: 'send_message' } }])
  await tab.getByLabel('Close the estimate chat').click()
  await press('failing-api', false)
  await launcher(tab).click()
  await tab.getByRole('button', { name: 'Try again' }).click()
  await tab.getByText('how large is the roof').waitFor()
})

t.test('a widget that cannot draw itself says whom to call, reports it, and recovers', async (t) => {
  const { tab, press, seen } = await open(t)
  await launcher(tab).waitFor()
  await press('broken-widget', true)
  await launcher(tab).click()
  await tab.getByText('not available right now').waitFor()
  const events = await seen('widget_error')
  t.match(events.find(({ type }) => type === 'widget_error')?.properties, {
    error_type: 'TypeError',
    source: 'render',
    fatal: true,
  })
  await tab.getByLabel('Close the estimate chat').click()
  await press('broken-widget', false)
  await launcher(tab).click()
  await tab.getByRole('button', { name: 'A new roof' }).waitFor()
})

t.test('with an API that fails from the start the widget still greets', async (t) => {
  const { tab, press } = await open(t)
  await press('failing-api', true)
  await tab.reload()
  await tab.locator('#switch-failing-api[aria-pressed=true]').waitFor()
  await launcher(tab).click()
  await tab.getByText('this is Summit’s estimator').waitFor()
})

for (const [size, viewport] of Object.entries({
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 900 },
})) {
  t.test(`no accessibility fault and no sideways scrolling, ${size}`, async (t) => {
    const { tab } = await open(t, { viewport })
    await launcher(tab).waitFor()
    await check('page')
    await launcher(tab).click()
    await tab.getByRole('button', { name: 'A new roof' }).waitFor()
    await check('chat')
    await tab.goto(new URL('/pricing', tab.url()).href)
    await launcher(tab).waitFor()
    await check('pricing')

    async function check(state: string) {
      await tab.evaluate(axe)
      const faults = await tab.evaluate(async () => {
        type Axe = { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
        const { violations } = await (window as unknown as { axe: Axe }).axe.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      })
      t.same(faults, [], state)
      const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      t.ok(overflow <= 0, `${state} fits the width`)
    }
  })
}
