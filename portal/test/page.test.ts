import t from 'tap'
import { formatDays } from '../src/format.ts'
import { addDays } from '../src/range.ts'
import { quiet, today } from './fixture.ts'
import { closeBrowser, numberOf, visit } from './visit.ts'

t.teardown(closeBrowser)

t.test('the tiles show each number with what it is made of, its change and its definition', async (t) => {
  const { tab, link } = await visit(t)
  await tab.goto(link)
  // their lines come after the numbers
  await tab.locator('main[aria-busy=false]').waitFor()
  const tiles = await tab
    .locator('.tile')
    .evaluateAll((nodes) =>
      nodes.map((node) => [...node.querySelectorAll('h3, .number, .basis, .change')].map((part) => part.textContent)),
    )
  t.same(tiles, [
    ['Views', '2,847', 'in 2,204 visits', 'up 18% from 2,412'],
    ['Engagement rate', '34.4%', '758 of 2,204 visits', 'up from 28.5%'],
    ['Estimate conversion', '54.4%', '412 of 758 visits that opened it', 'about the same as before (56.5%)'],
    ['Lead capture', '22.6%', '171 of 758 visits that opened it', 'about the same as before (23.0%)'],
    ['Quote requests', '12.7%', '96 of 758 visits that opened it', 'about the same as before (13.1%)'],
    ['Conversation length', '3.7', '2,371 messages in 641 conversations', 'about the same as before (3.6)'],
  ])
  await tab.getByRole('button', { name: 'What “Lead capture” means' }).press('Enter')
  t.equal(
    await tab.locator('#about-lead_capture_rate').textContent(),
    'Of the visits that opened the widget, the share that left their contact.The line: leads, day by day.',
  )
})

t.test('the funnel says the same in a sentence, a picture and a table', async (t) => {
  const { tab, link } = await visit(t)
  await tab.goto(link)
  const part = tab.getByRole('region', { name: 'Where visitors stop' })
  const picture = part.getByRole('img')
  await picture.waitFor()
  t.match(await part.locator('.sentence').textContent(), /^The biggest drop comes before opening the widget/)
  t.match(await picture.getAttribute('aria-label'), /Opened it 758, 34.4% of the step before/)
  t.same(await picture.locator('.count').allTextContents(), ['2,204', '758', '641', '412', '171', '96'])
  t.match(await picture.locator('.of-first').allTextContents(), ['all visits', '34.4% of all', '29.1% of all'])
  await part.getByText('The same as a table').click()
  t.same(await tab.getByRole('row', { name: 'Opened it' }).locator('th, td').allTextContents(), [
    'Opened it',
    '758',
    '34.4%758 of 2,204',
    '34.4%758 of 2,204',
  ])
})

t.test('days are chosen by preset or by hand, kept in the address, and Back returns', async (t) => {
  const { tab, link, page, answers } = await visit(t)
  await tab.goto(link)
  await tab.getByRole('button', { name: '7 days' }).click()
  await tab.waitForURL(`${page}?range=7d`)
  await tab.locator('.when', { hasText: formatDays({ from: addDays(today, -6), to: today }) }).waitFor()
  await tab.locator('main[aria-busy=false]').waitFor()
  const days = `from=${addDays(today, -6)}&to=${today}`
  for (const question of ['summary', 'funnel', 'performance', 'leads'])
    t.ok(answers.asked.includes(`/${question}?${days}`), question)
  t.ok(answers.asked.includes(`/series?${days}&interval=day`))

  await tab.getByRole('button', { name: 'Other days' }).click()
  await tab.getByLabel('First day').fill('2026-03-01')
  await tab.getByLabel('Last day').fill('2026-02-01')
  await tab.getByRole('button', { name: 'Show', exact: true }).click()
  t.match(await tab.getByRole('alert').textContent(), /must not be after/)
  await tab.getByLabel('Last day').fill('2026-03-08')
  await tab.getByRole('button', { name: 'Show', exact: true }).click()
  await tab.locator('.when', { hasText: 'Mar 1 – 8, 2026' }).waitFor()
  t.equal(tab.url(), `${page}?from=2026-03-01&to=2026-03-08`)

  await tab.reload()
  await tab.locator('.when', { hasText: 'Mar 1 – 8, 2026' }).waitFor()
  await tab.goBack()
  await tab.locator('.when', { hasText: formatDays({ from: addDays(today, -6), to: today }) }).waitFor()
  t.equal(await tab.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed'), 'true')
})

t.test('small numbers come with their interval', async (t) => {
  const { tab, link, answers } = await visit(t)
  Object.assign(answers, quiet())
  await tab.goto(link)
  await numberOf(tab, 'engagement_rate').waitFor()
  t.equal(await tab.locator('[data-field=engagement_rate] .basis').textContent(), '14 of 36 visits · likely 25–55%')
})
