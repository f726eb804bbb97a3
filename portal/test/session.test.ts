import t from 'tap'
import { refreshMs } from '../src/live.ts'
import { closeBrowser, numberOf, visit } from './visit.ts'

t.teardown(closeBrowser)

t.test('the printed link signs in and leaves no token in the address or the history', async (t) => {
  const { tab, link, page } = await visit(t)
  await tab.goto(link)
  await tab.locator('h1', { hasText: 'Summit Roofing' }).waitFor()
  t.equal(tab.url(), page)
  t.equal(await tab.evaluate(() => document.cookie), '', 'scripts cannot read the cookie')
  await tab.reload()
  await numberOf(tab, 'widget_views').waitFor()
  t.equal(tab.url(), page)
})

t.test('nobody signed in is told where the link comes from and may paste it', async (t) => {
  const { tab, page, link } = await visit(t)
  await tab.goto(page)
  const field = tab.getByLabel('Your link or access token')
  await field.fill('rt_wrong')
  await tab.getByRole('button', { name: 'Sign in' }).press('Enter')
  t.match(await tab.getByRole('alert').textContent(), /not valid/)
  await field.fill(` ${link} `)
  await field.press('Enter')
  await numberOf(tab, 'widget_views').waitFor()
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await field.waitFor()
  await tab.reload()
  await field.waitFor()
})

t.test('a withdrawn link leads to the sign-in, and a new one opened in the same tab works', async (t) => {
  const { tab, link, page } = await visit(t)
  await tab.goto(`${page}#token=rt_withdrawn`)
  t.match(await tab.getByRole('alert').textContent(), /not valid/)
  t.equal(tab.url(), page)
  await tab.goto(link)
  await numberOf(tab, 'widget_views').waitFor()
  t.equal(tab.url(), page)
})

t.test('a session that ends while the page is open leads to the sign-in', async (t) => {
  const { tab, link } = await visit(t)
  await tab.goto(link)
  await numberOf(tab, 'widget_views').waitFor()
  await tab.context().clearCookies()
  await tab.clock.fastForward(refreshMs)
  await tab.getByLabel('Your link or access token').waitFor()
  t.equal(await tab.locator('.tile').count(), 0, 'no number stays behind')
})
