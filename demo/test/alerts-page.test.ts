import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from 'stack/browser'
import { inGroups } from 'stack/payloads'
import { foreignMarkupOf, watchTrespasses } from 'stack/trespasses'
import t from 'tap'
import { buildAlertReceiver } from '../src/alert-receiver.ts'
import { buildBundles } from './bundles.ts'
import { alert, webhook } from './webhook.ts'

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const app = await buildAlertReceiver({ bundles: await buildBundles(t) })
t.teardown(() => app.close())
const origin = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await launchBrowser()
t.teardown(() => browser.close())

for (const colorScheme of ['dark', 'light'] as const) {
  t.test(`alerts appear without a reload, as text only, ${colorScheme}`, async (t) => {
    const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload })
    const tab = await browser.newPage({ colorScheme })
    t.teardown(() => tab.close())
    tab.on('pageerror', (error) => t.fail(`the page threw ${error}`))
    tab.on('console', (message) => message.type() === 'error' && t.fail(message.text()))
    await tab.goto(origin)
    const onCall = tab.locator('[data-box=on-call]')
    const tickets = tab.locator('[data-box=tickets]')
    await onCall.locator('.empty, article').first().waitFor()

    const hostile = {
      ...alert(`Bad${colorScheme}`),
      annotations: { summary: '<img src=x onerror=alert(1)>', runbook_url: 'javascript:alert(1)' },
    }
    await post('/on-call', webhook(hostile))
    await post('/tickets', webhook({ ...alert('Done'), status: 'resolved', endsAt: '2026-11-23T11:00:00Z' }))
    await post('/watchdog', webhook(alert('Watchdog')))

    const card = onCall.locator('article', { hasText: `Bad${colorScheme}` })
    await card.waitFor()
    t.equal(await card.locator('.summary').textContent(), '<img src=x onerror=alert(1)>')
    t.equal(await card.locator('a, img').count(), 0)
    t.match(await card.locator('.runbook').textContent(), 'Runbook: javascript:alert(1)')
    await tickets.locator('.mark.resolved').waitFor()
    t.equal(await tickets.getByRole('link', { name: 'Runbook' }).getAttribute('href'), 'https://runbooks.example/x')
    await tab.locator('#heartbeat', { hasText: /last heartbeat \d+ s ago/ }).waitFor()

    await tab.evaluate(axe)
    const faults = await tab.evaluate(async () => {
      type Axe = { run: () => Promise<{ violations: { id: string }[] }> }
      return (await (window as unknown as { axe: Axe }).axe.run()).violations.map(({ id }) => id)
    })
    t.same(faults, [])
  })
}

/** Where the alerts of these tests have theirs. */
const runbooks = 'https://runbooks.example/'

t.test('whatever labels and annotations hold is text, and asks nobody', async (t) => {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const trespasses = await watchTrespasses(context, () => origin)
  const tab = await context.newPage()
  await tab.goto(origin)
  const summaries = tab.locator('[data-box=tickets] .summary')
  // a box keeps 200 alerts
  for (const [place, some] of inGroups(100).entries()) {
    const alerts = some.map((text, index) => ({
      ...alert(text),
      labels: { alertname: text, severity: text, tenant_id: text },
      annotations: { summary: `${text} ${place}`, description: text, lost: text, runbook_url: text, dashboard: text },
      fingerprint: `${place} ${index}`,
    }))
    for (const box of ['/on-call', '/tickets'])
      t.equal((await app.inject({ method: 'POST', url: box, payload: webhook(...alerts) })).statusCode, 204)
    // newest first
    const expected = some.map((text) => `${text} ${place}`).toReversed()
    await summaries
      .first()
      .getByText(expected[0] ?? '')
      .waitFor()
    t.strictSame((await summaries.allTextContents()).slice(0, some.length), expected)
    // the one address of a web page among them is a runbook, which only a click opens
    t.strictSame(await foreignMarkupOf(tab, [runbooks, 'https://evil.example/login']), [])
  }
  t.strictSame(trespasses, [], 'no dialog, no request, and nothing that the policy had to stop')
})
