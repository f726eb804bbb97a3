import { readFile } from 'node:fs/promises'
import type { Funnel, Leads, Numbers, Performance, Summary } from 'contract/analytics'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openTab, startContractor } from './contractor.ts'
import { type Counted, countFromEvents } from './counted.ts'
import { lastClockChange, timeZone } from './visits.ts'

const { publicUrl, tenant, db, analytics } = await startContractor(t)
const tab = await openTab(t)
await tab.goto(`${publicUrl}/portal/#token=${tenant.read_token}`)
await tab.locator('[data-state=live]').waitFor()

const change = lastClockChange(Date.now())
const changeDay = change && new Intl.DateTimeFormat('en-CA', { timeZone }).format(change)
if (!changeDay) t.comment('The clocks have not changed lately: no day of 23 or 25 hours is asked for')
const questions: [name: string, query: Record<string, string>][] = [
  ['the last 30 days', { range: '30d' }],
  ['today', { range: 'today' }],
  ['90 days', { range: '90d' }],
  ...(changeDay
    ? ([
        ['the day on which the clocks changed', { from: changeDay, to: changeDay }],
        ['the eight days up to it', { from: shift(changeDay, -7), to: changeDay }],
      ] satisfies [string, Record<string, string>][])
    : []),
  ['phones from a newsletter', { range: '90d', device: 'phone', source: 'newsletter' }],
]

for (const [name, query] of questions) {
  t.test(`${name}: page = API = the events counted again`, async (t) => {
    await tab.goto(`${publicUrl}/portal/?${new URLSearchParams(query)}`)
    await tab.locator('main[aria-busy=false]').waitFor()
    const { range, ...given } = query
    const days = range ? await daysOf(range) : (given as { from: string; to: string })
    const { device, source } = given as { device?: string; source?: string }
    const asked = new URLSearchParams({ ...days, ...(device && { device }), ...(source && { source }) })
    const summary: Summary = await analytics(`summary?${asked}`)
    const counted = await countFromEvents(db, tenant.tenant_id, timeZone, { ...days, device, source })
    t.ok(counted.loaded > 0, 'there is something to count')
    t.strictSame(numbersOf(summary), fromCounted(counted), 'API')
    // of the days before 90 days only the counts are held, not the events
    if (summary.previous && query.range !== '90d') {
      const before = await countFromEvents(db, tenant.tenant_id, timeZone, { ...daysBefore(days), device, source })
      t.strictSame(numbersOf(summary.previous), fromCounted(before), 'API, the days before')
    }
    t.strictSame(await readTiles(tab), tilesOf(counted), 'tiles')

    const { steps }: Funnel = await analytics(`funnel?${asked}`)
    t.strictSame(
      steps.map(({ sessions }) => sessions),
      counted.steps,
      'API, funnel',
    )
    const funnel = tab.getByRole('region', { name: 'Where visitors stop' })
    t.strictSame(await funnel.locator('.count').allTextContents(), counted.steps.map(format), 'picture')

    const leads: Leads = await analytics(`leads?${asked}`)
    t.match(leads, { total: counted.lead_events, with_errors: counted.lead_events_failed })
    t.match(await tab.locator('.faults').textContent(), sayFaults(counted))

    const { error_rate }: Performance = await analytics(`performance?${asked}`)
    t.match(error_rate, { numerator: counted.failed, denominator: counted.sessions })
    await funnel.locator('summary').click()
    const file = await download(tab, funnel.getByRole('button', { name: 'Download as CSV' }))
    const [, ...lines] = file.split('\r\n')
    t.strictSame(
      lines.slice(0, 6).map((line) => line.split(',').slice(0, 3)),
      steps.map(({ type, sessions, of_previous }) => [type, `${sessions}`, `${of_previous?.value ?? ''}`]),
      'file, to the last digit',
    )
  })
}

t.test('the trend has every day, and its days add up', async (t) => {
  await tab.goto(`${publicUrl}/portal/?range=30d`)
  await tab.locator('main[aria-busy=false]').waitFor()
  const { rows } = await db.query<{ day: string; count: string }>(
    `select to_char((occurred_at at time zone $2)::date, 'YYYY-MM-DD') as day, count(*) as count
     from leadlight.events where tenant_id = $1 and type = 'lead_captured' group by 1`,
    [tenant.tenant_id, timeZone],
  )
  const counted = new Map(rows.map(({ day, count }) => [day, count]))
  await tab.getByLabel('What is counted').selectOption('lead_captured')
  const trend = tab.getByRole('region', { name: 'Day by day' })
  await trend.locator('summary').click()
  const lines = (await download(tab, trend.getByRole('button', { name: 'Download as CSV' }))).trim().split('\r\n')
  t.equal(lines[0], 'start,lead_captured,lead_captured_before')
  t.equal(lines.length, 31)
  for (const line of lines.slice(1)) {
    const [start = '', count] = line.split(',')
    t.equal(count, counted.get(start.slice(0, 10)) ?? '0', start)
  }
})

const format = (count: number): string => count.toLocaleString('en-US')

async function daysOf(range: string): Promise<{ from: string; to: string }> {
  const { to }: Summary = await analytics('summary')
  const days = { today: 1, '30d': 30, '90d': 90 }[range]!
  return { from: shift(to, 1 - days), to }
}

function shift(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}

function daysBefore({ from, to }: { from: string; to: string }): { from: string; to: string } {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
  return { from: shift(from, -days), to: shift(from, -1) }
}

const fractions = {
  engagement_rate: ['loaded_opened', 'loaded'],
  estimate_conversion_rate: ['estimates', 'opened'],
  lead_capture_rate: ['leads', 'opened'],
  quote_request_rate: ['quotes', 'opened'],
  average_conversation_length: ['messages', 'conversations'],
} as const
type Field = keyof typeof fractions

function numbersOf(numbers: Numbers) {
  const rates = Object.keys(fractions) as Field[]
  return [
    numbers.widget_views,
    numbers.sessions,
    ...rates.map((name) => [numbers[name].numerator, numbers[name].denominator, numbers[name].value]),
  ]
}

function fromCounted(counted: Counted) {
  return [
    counted.views,
    counted.loaded,
    ...Object.values(fractions).map(([over, under]) => {
      const [numerator, denominator] = [counted[over], counted[under]]
      return [numerator, denominator, denominator === 0 ? null : numerator / denominator]
    }),
  ]
}

/** What each tile says, without its interval and its change. */
async function readTiles(page: Page): Promise<string[][]> {
  return page
    .locator('.tile')
    .evaluateAll((tiles) =>
      tiles.map((tile) => [
        tile.querySelector('.number')?.textContent ?? '',
        (tile.querySelector('.basis')?.textContent ?? '').split(' · ')[0]!,
      ]),
    )
}

function tilesOf(counted: Counted): string[][] {
  const share = (over: number, under: number): string =>
    under === 0 ? '–' : `${((100 * over) / under).toFixed(under < 100 ? 0 : 1)}%`
  const visits = (count: number): string => `${format(count)} visit${count === 1 ? '' : 's'}`
  const ofOpened = (over: number): string[] => [
    share(over, counted.opened),
    `${format(over)} of ${visits(counted.opened)} that opened it`,
  ]
  const { loaded, loaded_opened, messages, conversations } = counted
  return [
    [format(counted.views), `in ${visits(loaded)}`],
    [share(loaded_opened, loaded), `${format(loaded_opened)} of ${visits(loaded)}`],
    ofOpened(counted.estimates),
    ofOpened(counted.leads),
    ofOpened(counted.quotes),
    [
      conversations === 0 ? '–' : (messages / conversations).toFixed(1),
      `${format(messages)} message${messages === 1 ? '' : 's'} in ${format(conversations)} conversation${conversations === 1 ? '' : 's'}`,
    ],
  ]
}

function sayFaults({ lead_events, lead_events_failed }: Counted): string {
  if (lead_events_failed > 0) return `${format(lead_events_failed)} lead`
  return lead_events > 0 ? 'None of the leads met a fault.' : ''
}

async function download(page: Page, button: ReturnType<Page['getByRole']>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()])
  return readFile(await file.path(), 'utf8')
}
