import { waitFor } from 'stack/wait'
import t from 'tap'
import { refreshMs } from '../src/live.ts'
import { empty, numbersOf } from './fixture.ts'
import { closeBrowser, numberOf, stopClock, visit } from './visit.ts'

t.teardown(closeBrowser)

t.test('numbers change by themselves, and what is open stays open', async (t) => {
  const { tab, link, answers } = await visit(t)
  await tab.goto(link)
  await numberOf(tab, 'widget_views').waitFor()
  const about = tab.getByRole('button', { name: 'What “Views” means' })
  await about.click()
  await tab.getByText('The same as a table').first().click()
  answers.numbers = { ...answers.numbers, widget_views: 2_848 }
  await tab.clock.fastForward(refreshMs)
  await tab.locator('[data-field=widget_views] .number', { hasText: '2,848' }).waitFor()
  t.ok(await tab.locator('#about-widget_views').isVisible())
  t.ok(await tab.getByRole('table').first().isVisible())
  t.ok(await about.evaluate((node) => node === document.activeElement || document.activeElement?.tagName === 'SUMMARY'))
})

t.test('a service that does not answer is said, with the last numbers kept, until it answers again', async (t) => {
  const { tab, link, answers } = await visit(t)
  await tab.goto(link)
  await numberOf(tab, 'widget_views').waitFor()
  answers.down = true
  const status = tab.getByRole('status')
  await tab.clock.fastForward(refreshMs)
  await status.filter({ hasText: 'No answer from the service since' }).waitFor()
  t.equal(await numberOf(tab, 'widget_views').textContent(), '2,847')
  t.match(await tab.locator('.age').textContent(), /updated \d+ s ago/)
  answers.down = false
  await tab.clock.fastForward(refreshMs)
  await tab.locator('[data-state=live]').waitFor()
  t.equal(await status.textContent(), '')
})

t.test('without views the page says what to check, and fills as soon as there is one', async (t) => {
  const { tab, link, answers } = await visit(t)
  Object.assign(answers, empty())
  await tab.goto(link)
  await tab.getByText('No views in these days').waitFor()
  t.notOk(await numberOf(tab, 'widget_views').isVisible())
  answers.numbers = numbersOf(1, [1, 0, 0, 0, 0, 0], 0)
  await tab.clock.fastForward(refreshMs)
  await numberOf(tab, 'widget_views').filter({ hasText: '1' }).waitFor()
})

t.test('a network that is gone is said like a service that is gone', async (t) => {
  const { tab, link } = await visit(t)
  await tab.goto(link)
  await numberOf(tab, 'widget_views').waitFor()
  await tab.route('**/api/**', (route) => route.abort())
  await tab.clock.fastForward(refreshMs)
  await tab.getByRole('status').filter({ hasText: 'No answer from the service since' }).waitFor()
  await tab.unroute('**/api/**')
  await tab.clock.fastForward(refreshMs)
  await tab.locator('[data-state=live]').waitFor()
})

t.test('a hidden page asks for nothing and asks at once when it is seen again', async (t) => {
  const { tab, link, answers } = await visit(t)
  await stopClock(tab)
  await tab.goto(link)
  // the numbers are there before all is asked
  await tab.locator('main[aria-busy=false]').waitFor()
  const setHidden = (hidden: boolean) =>
    tab.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await setHidden(true)
  const asked = answers.asked.length
  await tab.clock.fastForward(10 * refreshMs)
  t.equal(answers.asked.length, asked)
  answers.numbers = { ...answers.numbers, widget_views: 3_000 }
  await setHidden(false)
  await tab.locator('[data-field=widget_views] .number', { hasText: '3,000' }).waitFor()
})

t.test('what is chosen below the tiles is asked for at once, however long the page is open', async (t) => {
  const { tab, link, answers } = await visit(t)
  // but for one time no refreshing helps
  await stopClock(tab)
  await tab.goto(link)
  await tab.locator('main[aria-busy=false]').waitFor()
  const summaries = () => answers.asked.filter((question) => question.startsWith('/summary')).length
  await tab.clock.fastForward(refreshMs)
  t.ok(await waitFor(() => summaries() === 2, { timeoutMs: 20_000 }))
  const asked = summaries()
  await tab.getByRole('button', { name: 'By device' }).click()
  await tab.getByRole('table', { name: 'By device' }).waitFor()
  t.equal(summaries(), asked)
  await tab.getByRole('button', { name: '7 days' }).click()
  await tab.getByLabel('Counted', { exact: true }).selectOption('hour')
  await tab.getByRole('region', { name: 'Hour by hour' }).waitFor()
})
