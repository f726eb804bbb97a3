import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { refreshMs } from '../src/live.ts'
import { busy, empty } from './fixture.ts'
import { closeBrowser, desktop, phone, visit } from './visit.ts'

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

t.teardown(closeBrowser)

t.test('the keyboard reaches everything, in the order of the page', async (t) => {
  const { tab, link } = await visit(t)
  await tab.goto(link)
  await tab.locator('main[aria-busy=false]').waitFor()
  const reached: string[] = []
  for (let step = 0; step < 21; step++) {
    await tab.keyboard.press('Tab')
    reached.push(
      await tab.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? ''),
    )
  }
  t.same(reached, [
    'Sign out',
    'Numbers',
    'Leads',
    'Installation',
    'Share',
    'Today',
    '7 days',
    '30 days',
    '90 days',
    'Other days',
    'Filter',
    'See which',
    'What “Views” means',
    'What “Engagement rate” means',
    'What “Estimate conversion” means',
    'What “Lead capture” means',
    'What “Quote requests” means',
    'What “Conversation length” means',
    'The same as a table',
    'What is counted',
    'The same as a table',
  ])
})

for (const [size, viewport] of Object.entries({ phone, desktop })) {
  for (const colorScheme of ['light', 'dark'] as const) {
    t.test(`no accessibility fault and no sideways scrolling, ${size}, ${colorScheme}`, async (t) => {
      const { tab, link, page, answers } = await visit(t, { viewport, colorScheme })
      await tab.goto(page)
      await tab.locator('form').waitFor()
      await check('sign-in')
      await tab.goto(link)
      await tab.locator('main[aria-busy=false]').waitFor()
      await tab.locator('.about').first().click()
      for (const summary of await tab.getByText('The same as a table').all()) await summary.click()
      await tab.getByRole('button', { name: 'Other days' }).click()
      await check('numbers, all unfolded')
      Object.assign(answers, empty())
      await tab.clock.fastForward(refreshMs)
      await tab.getByText('No views in these days').waitFor()
      await check('empty')
      Object.assign(answers, busy())
      answers.down = true
      await tab.clock.fastForward(refreshMs)
      await tab.locator('[data-state=unreachable]').waitFor()
      await check('unreachable')

      async function check(state: string) {
        await tab.evaluate(axe)
        const faults = await tab.evaluate(async () => {
          const { violations } = await (
            window as unknown as {
              axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
            }
          ).axe.run()
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
        })
        t.same(faults, [], state)
        const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        t.ok(overflow <= 0, `${state} fits the width`)
      }
    })
  }
}
