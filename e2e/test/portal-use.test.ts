import { readFile } from 'node:fs/promises'
import type { Leads } from 'contract/analytics'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { keepScreenshot, openTab, origin, phone, startContractor } from './contractor.ts'

const contractor = await startContractor(t)
const { publicUrl, tenant, other, analytics } = contractor
const link = (token: string, query = '') => `${publicUrl}/portal/${query}#token=${token}`
const page = `${publicUrl}/portal/`

/** A visit that goes as far as a lead, as a browser on that origin sends it. */
async function visit(from: string, more: object[] = []): Promise<{ status: number; traceId: string }> {
  let now = Date.now() - 1_000
  const session_id = uuid7(now - 3_000)
  const traceId = crypto.randomUUID().replaceAll('-', '')
  const event = (type: string, properties: object) => ({
    id: uuid7(now++),
    type,
    session_id,
    trace_id: traceId,
    page: '/roof-repair',
    properties,
  })
  const events = [
    event('widget_loaded', { load_ms: 300, device: 'phone', referrer_host: 'www.google.com' }),
    event('widget_opened', { trigger: 'click' }),
    event('lead_captured', { contact: 'phone' }),
    ...more.map((each) => ({ ...each, id: uuid7(now++), session_id, trace_id: traceId })),
  ]
  const response = await fetch(`${publicUrl}/api/v1/widget/events`, {
    method: 'POST',
    headers: { origin: from, 'content-type': 'text/plain' },
    body: JSON.stringify({
      site_key: tenant.site_key,
      sent_at: new Date().toISOString(),
      widget_version: '1.5.0',
      events,
    }),
  })
  return { status: response.status, traceId }
}

t.test('what a visitor does is on an open page within 30 s, a lead and its fault included', async (t) => {
  const tab = await openTab(t, { viewport: phone })
  await tab.goto(link(tenant.read_token))
  await tab.locator('main[aria-busy=false]').waitFor()
  const views = tab.locator('[data-field=widget_views] .number')
  const before = await views.textContent()
  const faults = await tab.locator('.faults').textContent()
  const startedMs = performance.now()
  await visit(origin, [
    { type: 'widget_error', properties: { error_type: 'TypeError', message: '<img src=x onerror=alert(1)>' } },
  ])
  await tab.waitForFunction(
    (old) => document.querySelector('[data-field=widget_views] .number')?.textContent !== old,
    before,
  )
  await tab.waitForFunction((old) => document.querySelector('.faults')?.textContent !== old, faults)
  t.ok(performance.now() - startedMs < 30_000, `${Math.round(performance.now() - startedMs)} ms`)
})

t.test('from a lead to its visit and back, and from a trace number to the lead', async (t) => {
  const failure = {
    type: 'widget_error',
    properties: { error_type: 'TypeError', message: '<img src=x onerror=alert(1)>' },
  }
  const { traceId } = await visit(origin, [failure])
  const tab = await openTab(t)
  await tab.goto(link(tenant.read_token))
  await tab.getByRole('link', { name: 'Leads' }).click()
  const first = tab.locator('.leads li').first()
  await first.getByText('something failed in this visit').waitFor()
  t.match(await first.textContent(), /Left contact details by phone.*from www\.google\.com on \/roof-repair/)
  await first.getByRole('link').click()
  await tab.locator('.timeline .failed').waitFor()
  t.strictSame(await tab.locator('.timeline .name').allTextContents(), [
    'Widget loaded',
    'Widget opened',
    'Contact details left',
    'Something failed',
  ])
  t.match(await tab.locator('.timeline .failed').textContent(), 'TypeError · <img src=x onerror=alert(1)>')
  t.equal(await tab.locator('img').count(), 0, 'text stays text')
  t.equal(await tab.locator('.trace code').textContent(), traceId)
  await tab.goBack()
  await tab.locator('.leads').waitFor()
  await tab.getByLabel('Find a lead by its trace number').fill('xyz')
  await tab.getByRole('button', { name: 'Find' }).click()
  await tab.getByText('A trace number has 32 digits').waitFor()
  await tab.getByLabel('Find a lead by its trace number').fill('0'.repeat(32))
  await tab.keyboard.press('Enter')
  await tab.getByText('No lead of the last 90 days has this trace number').waitFor()
  await tab.getByLabel('Find a lead by its trace number').fill(` ${traceId.toUpperCase()} `)
  await tab.keyboard.press('Enter')
  await tab.locator('.timeline li').first().waitFor()
  t.equal(await tab.locator('.trace code').textContent(), traceId)

  await tab.goto(`${page}?view=journey&lead=${uuid7(Date.now())}`)
  await tab.getByText('There is no such lead, or it is no longer held.').waitFor()
})

t.test('a file of the leads has all pages of them', async (t) => {
  const { total }: Leads = await analytics('leads')
  t.ok(total > 100, `${total} leads`)
  const tab = await openTab(t)
  await tab.goto(link(tenant.read_token, '?view=leads'))
  await tab.getByRole('button', { name: 'Show more' }).click()
  await tab.locator('.leads li').nth(60).waitFor()
  const button = tab.getByRole('button', { name: 'Download as CSV' })
  const [file] = await Promise.all([tab.waitForEvent('download'), button.click()])
  t.match(file.suggestedFilename(), /^summit-roofing-sons-b-leads-\d{4}-.*\.csv$/)
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
  t.equal(lines.length, total + 1)
})

t.test('filters narrow every number, from the list and from the table, and are taken back', async (t) => {
  const tab = await openTab(t, { viewport: phone })
  await tab.goto(link(tenant.read_token, '?range=90d'))
  const basis = tab.locator('[data-field=engagement_rate] .basis')
  await basis.waitFor()
  await tab.getByRole('button', { name: 'Filter', exact: true }).click()
  await tab.locator('#filter-device option[value=tablet]').waitFor({ state: 'attached' })
  await tab.getByLabel('Device').selectOption('tablet')
  await tab.waitForURL('**/?range=90d&device=tablet')
  const { engagement_rate } = await analytics(`summary?${await days90()}&device=tablet`)
  const words = `${engagement_rate.numerator} of ${engagement_rate.denominator} visits`
  await tab.waitForFunction(
    (expected) => document.querySelector('[data-field=engagement_rate] .basis')?.textContent?.startsWith(expected),
    words,
  )
  await tab.getByRole('button', { name: 'By page' }).click()
  await tab.getByRole('button', { name: 'Show only “/contact”' }).click()
  await tab.waitForURL('**/?range=90d&device=tablet&page=%2Fcontact')
  await tab.getByRole('button', { name: 'Show all again, not only “Tablet”' }).click()
  await tab.waitForURL('**/?range=90d&page=%2Fcontact')
  await tab.goBack()
  await tab.getByRole('button', { name: /not only “Tablet”/ }).waitFor()
})

async function days90(): Promise<string> {
  const { to } = await analytics('summary')
  return `from=${new Date(Date.parse(to) - 89 * 86_400_000).toISOString().slice(0, 10)}&to=${to}`
}

t.test('a few days are shown by the hour, with the hours before', async (t) => {
  const tab = await openTab(t)
  await tab.goto(link(tenant.read_token, '?range=7d'))
  await tab.getByRole('region', { name: 'Day by day' }).waitFor()
  await tab.getByLabel('Counted', { exact: true }).selectOption('hour')
  const trend = tab.getByRole('region', { name: 'Hour by hour' })
  await trend.locator('summary').click()
  t.equal(await trend.getByRole('row').count(), 7 * 24 + 1)
  t.equal(await tab.locator('.spark svg').count(), 6)
})

t.test('the page speaks German to whoever reads German, the definitions too, and keeps a choice', async (t) => {
  const tab = await openTab(t, { locale: 'de-AT', viewport: phone })
  await tab.goto(link(tenant.read_token))
  await tab.locator('main[aria-busy=false]').waitFor()
  t.equal(await tab.locator('html').getAttribute('lang'), 'de')
  await tab.getByRole('button', { name: 'Was „Öffnungsrate“ bedeutet' }).click()
  t.match(await tab.locator('#about-engagement_rate').textContent(), /^Anteil der Besuche/)
  t.match(await tab.locator('[data-field=engagement_rate] .number').textContent(), /^\d+,\d\s%$/)
  const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  t.ok(overflow <= 0, 'longer words fit too')
  await keepScreenshot(tab, 'numbers-phone-german')
  await tab.getByLabel('Sprache').selectOption('en')
  await tab.getByRole('button', { name: 'Sign out' }).waitFor()
  await tab.reload()
  await tab.getByRole('button', { name: 'Sign out' }).waitFor()
  t.equal(await tab.locator('html').getAttribute('lang'), 'en')
})

t.test('a shared page shows the numbers alone, and ends when the link is withdrawn', async (t) => {
  const tab = await openTab(t)
  await tab.goto(link(tenant.read_token))
  await tab.getByRole('link', { name: 'Share' }).click()
  await tab.getByLabel('For whom').fill('<i>Office</i>')
  await tab.getByLabel('Opens for').selectOption('7')
  await tab.getByRole('button', { name: 'Make a link' }).click()
  const made = tab.getByRole('textbox', { name: 'Share link' })
  await made.waitFor()
  const shareUrl = await made.inputValue()
  t.match(shareUrl, /#token=sl_/)
  await keepScreenshot(tab, 'share-made')
  await tab.reload()
  await tab.getByText('<i>Office</i>').waitFor()
  t.notOk(await made.isVisible(), 'shown once')

  const guest = await openTab(t, { viewport: phone })
  await guest.goto(shareUrl)
  await guest.getByText('You see a shared, read-only view.').waitFor()
  await guest.locator('main[aria-busy=false]').waitFor()
  t.strictSame(await guest.locator('.places a').allTextContents(), ['Numbers'])
  t.equal(await guest.locator('.faults').textContent(), '')
  await keepScreenshot(guest, 'shared-phone')
  for (const view of ['leads', 'install', 'share']) {
    await guest.goto(`${page}?view=${view}`)
    await guest.getByText('This cannot be shown.').waitFor()
  }
  await guest.goto(page)
  await guest.locator('.tile').first().waitFor()
  await tab.getByRole('button', { name: 'Withdraw the link “<i>Office</i>”' }).click()
  await tab.getByText('No link is open.').waitFor()
  await guest.getByLabel('Your link or access token').waitFor()
  t.equal(await guest.locator('.tile').count(), 0, 'nothing stays behind')
})

t.test('the install check tells who is on the list and who is not', async (t) => {
  await visit(origin)
  const stranger = 'https://www.acme.example'
  t.equal((await visit(stranger)).status, 403)
  const tab = await openTab(t)
  await tab.goto(link(tenant.read_token, '?view=install'))
  await tab.getByText('We have seen your site.').waitFor()
  await tab.getByText(`Events came from ${stranger}, which is not on your list.`).waitFor()
  t.match(await tab.getByRole('row', { name: origin }).textContent(), /1\.5\.0$/)
  t.equal(
    await tab.locator('.snippet').first().textContent(),
    `<script async src="${publicUrl}/widget.js" data-site-key="${tenant.site_key}"></script>`,
  )
  await keepScreenshot(tab, 'install-stranger')
})

t.test('who has no visitors yet is helped to get them', async (t) => {
  const tab = await openTab(t)
  await tab.goto(link(other.read_token))
  await tab.getByText('We have not seen your site yet.').waitFor()
  t.match(await tab.locator('.empty .snippet').first().textContent(), other.site_key)
  t.notMatch(await tab.locator('body').textContent(), /Summit|acme/)
})

/** All of the page as it is sent. */
const maxPageBytes = 60_000

t.test('the page is sent small, under a strict policy', async (t) => {
  let bytes = 0
  for (const file of ['', 'portal.js', 'portal.css']) {
    const response = await fetch(page + file, { headers: { 'accept-encoding': 'gzip' } })
    t.equal(response.headers.get('content-encoding'), 'gzip', file)
    bytes += Number(response.headers.get('content-length'))
    t.equal(response.headers.get('referrer-policy'), 'no-referrer')
    t.match(response.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self';/)
  }
  t.ok(bytes > 0 && bytes <= maxPageBytes, `${bytes} bytes`)
  t.notMatch(await (await fetch(page)).text(), /<script(?![^>]*src=)|style=|\son\w+=/, 'nothing inline')
})
