import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { dose } from 'stack/dose'
import t from 'tap'
import { keepScreenshot, looks, openTab, startContractor } from './contractor.ts'

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const contractor = await startContractor(t)
const { publicUrl, tenant, other, analytics } = contractor
const link = (token: string) => `${publicUrl}/portal/#token=${token}`
const [lead] = (await analytics('leads')).leads as { event_id: string }[]

async function findFaults(tab: Page): Promise<string[]> {
  await tab.evaluate(axe)
  return tab.evaluate(async () => {
    type Violation = { id: string; nodes: { html: string }[] }
    const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

const views: [name: string, query: string, ready: string][] = [
  ['numbers', '?range=30d', '.trend'],
  ['ninety-days', '?range=90d', '.trend'],
  ['one-day', '?range=today', '.tile'],
  ['filtered', '?range=90d&device=phone&source=google', '.trend'],
  ['leads', '?view=leads', '.leads li'],
  ['journey', `?view=journey&lead=${lead?.event_id}`, '.timeline li'],
  ['install', '?view=install', '.installed td'],
  ['share', '?view=share', '.share'],
]

// each width and each scheme once; in the long suite every pair of them
const seen = dose({ short: ['phone-light', 'desktop-dark'], long: looks.map(({ name }) => name) })

for (const { name: look, viewport, colorScheme } of looks.filter(({ name }) => seen.includes(name))) {
  t.test(
    `every view, ${look}: no accessibility fault, no sideways scrolling, every picture with its table`,
    async (t) => {
      const tab = await openTab(t, { viewport, colorScheme })
      await tab.goto(link(tenant.read_token))
      await tab.locator('[data-state=live]').waitFor()
      for (const [name, query, ready] of views) {
        await tab.goto(`${publicUrl}/portal/${query}`)
        await tab.locator(ready).first().waitFor()
        await tab.locator('main[aria-busy=false]').waitFor()
        await keepScreenshot(tab, `${name}-${look}`)
        t.strictSame(await findFaults(tab), [], name)
        for (const summary of await tab.locator('summary:visible').all()) await summary.click()
        for (const about of await tab.locator('.about:visible').all()) await about.click()
        t.strictSame(await findFaults(tab), [], `${name}, all unfolded`)
        const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        t.ok(overflow <= 0, `${name} fits the width`)
        const pictures = await tab.getByRole('img').count()
        if (pictures > 0) t.ok((await tab.getByRole('table').count()) > 0, `${name} has a table`)
      }
      const empty = await openTab(t, { viewport, colorScheme })
      await empty.goto(`${publicUrl}/portal/`)
      await empty.locator('form').waitFor()
      await keepScreenshot(empty, `sign-in-${look}`)
      t.strictSame(await findFaults(empty), [], 'sign-in')
      await empty.goto(link(other.read_token))
      await empty.locator('.empty .snippet').first().waitFor()
      await keepScreenshot(empty, `empty-${look}`)
      t.strictSame(await findFaults(empty), [], 'empty')
    },
  )
}
