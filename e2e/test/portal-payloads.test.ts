// What strangers write never becomes more than text in the portal: the corpus in every field, in a real browser that tells what else happens.
import { addTenant } from 'ingest-service/cli/tenants'
import pg from 'pg'
import type { BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import { inGroups, payloads } from 'stack/payloads'
import { cloneDatabase } from 'stack/test-database'
import { foreignMarkupOf, watchTrespasses } from 'stack/trespasses'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { type Attempt, attemptsOf, eventOf, plant, post, send, type Tenant, traceOf } from './payloads.ts'
import { startService } from './service.ts'
import { startTraceStore } from './trace-store.ts'

t.setTimeout(300_000)

const origin = 'https://www.roofs.example'
const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
const db = new pg.Pool({ connectionString: superuserUrl, max: 1 })
t.teardown(() => db.end())
const store = await startTraceStore(t)
const { url } = await startService(t, databaseUrl, { env: { TRACES_URL: store.url } })
const browser = await launchBrowser()
t.teardown(() => browser.close())

const newTenant = (name = 'Roofs'): Promise<Tenant> => addTenant(db, { name, timeZone: 'UTC', origins: [origin] })

type Visit = { tab: Page; context: BrowserContext; trespasses: string[] }

async function openPortal(tenant: Tenant, query = ''): Promise<Visit> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-US' })
  const trespasses = await watchTrespasses(context, () => url)
  const tab = await context.newPage()
  tab.setDefaultTimeout(60_000)
  await tab.goto(`${url}/portal/${query}#token=${tenant.read_token}`)
  return { tab, context, trespasses }
}

const settled = (tab: Page) => tab.locator('main[aria-busy=false]').waitFor()
/** What stands on the page as text, names for those who do not see it among it. */
const textsOf = (tab: Page): Promise<string> =>
  tab.evaluate(() => {
    const labels = [...document.querySelectorAll('[aria-label]')].map((node) => node.getAttribute('aria-label'))
    return [document.body.textContent, ...labels].join('\n')
  })
const missingFrom = (text: string, some: string[]): string[] => some.filter((each) => !text.includes(each))

t.test('of what visitors send, only texts that may say anything are taken as they come', async (t) => {
  const tenant = await newTenant()
  const attempts = attemptsOf(uuid7(Date.now() - 1_000))
  const taken = await send(url, tenant, attempts, origin)
  const free = new Set(['page', 'widget_error error_type', 'widget_error message'])
  const wrongly = attempts.filter(
    // what programs would trip over is a word all the same, and a host is one, whoever has it
    ({ field, payload }, index) =>
      taken[index] && !free.has(field) && !/^(?:__proto__|constructor|www\.evil\.example)$/.test(payload),
  )
  t.strictSame(
    wrongly.map(({ field, payload }) => `${field}: ${payload}`),
    [],
  )
  const seen = new Set(attempts.filter((_, index) => taken[index]).map(({ field }) => field))
  for (const field of free) t.ok(seen.has(field), `${field} takes some`)

  // by what they are: a test's name cannot hold them
  const answers = new Set<string>()
  for (const payload of payloads) {
    const events = [eventOf('widget_opened', uuid7(Date.now() - 1_000))]
    const keyed = await post(url, { site_key: payload, events }, {})
    answers.add(`key of ${payload.length > 64 ? 'more' : 'at most'} 64: ${keyed.verdict.code}`)
    const versioned = await post(url, { site_key: tenant.site_key, widget_version: payload, events }, {})
    answers.add(`version of ${payload.length > 32 ? 'more' : 'at most'} 32: ${versioned.verdict.code ?? 'taken'}`)
    // a browser writes origins in one way, and no header holds more than bytes
    if (!/^[\x21-\x7e]+$/.test(payload)) continue
    const sent = await post(url, { site_key: tenant.site_key, events }, { origin: payload })
    answers.add(`origin: ${sent.verdict.code}`)
  }
  t.strictSame([...answers].toSorted(), [
    'key of at most 64: unknown_site_key',
    'key of more 64: invalid_envelope',
    'origin: origin_not_registered',
    'version of at most 32: taken',
    'version of more 32: invalid_envelope',
  ])
  const { rows } = await db.query('select origin from leadlight.origin_sightings where tenant_id = $1', [
    tenant.tenant_id,
  ])
  t.strictSame(
    rows.map((row) => row.origin).filter((each) => each !== origin && each !== 'https://evil.example'),
    [],
    'what no browser calls an origin is shown to nobody',
  )
})

t.test('a visit made of them is a list of texts, with its spans as a picture and a table', async (t) => {
  const tenant = await newTenant()
  const session = uuid7(Date.now() - 1_000)
  const trace_id = traceOf()
  const lead = eventOf('lead_captured', session, { trace_id })
  const attempts: Attempt[] = payloads.map((payload) => ({
    field: 'all',
    payload,
    event: eventOf('widget_error', session, { page: payload }, { error_type: payload.slice(0, 64), message: payload }),
  }))
  const taken = await send(url, tenant, [{ field: '', payload: '', event: lead }, ...attempts], origin)
  t.ok(taken.every(Boolean), 'all are taken')
  await storeSpans(tenant, trace_id)
  const journeyUrl = `${url}/api/v1/analytics/leads/${lead.id}/journey`
  const journey = async () => {
    const response = await fetch(journeyUrl, { headers: { authorization: `Bearer ${tenant.read_token}` } })
    return (await response.json()) as { events: { properties: any }[]; spans: { name: string }[] }
  }
  t.ok(await waitFor(async () => (await journey()).spans.length >= payloads.length, { timeoutMs: 60_000 }))
  const { events } = await journey()

  const { tab, context, trespasses } = await openPortal(tenant, `?view=journey&lead=${lead.id}`)
  t.teardown(() => context.close())
  await tab.locator('.timeline .canvas svg').first().waitFor()
  await tab.locator('details summary').first().click()
  const text = await textsOf(tab)
  const stored = events.flatMap(({ properties: { error_type, message } }) => [error_type, message].filter(Boolean))
  t.ok(stored.length >= 2 * payloads.length, `${stored.length} texts of events`)
  t.strictSame(missingFrom(text, stored), [], 'of events')
  for (const what of ['name', 'service', 'reason'])
    t.strictSame(
      missingFrom(
        text,
        payloads.map((payload) => `${what} ${payload}`),
      ),
      [],
      `of spans: ${what}`,
    )
  t.strictSame(await foreignMarkupOf(tab, []), [])
  t.strictSame(trespasses, [])
})

/** A server's span may have any name; as the collector hands them to the store, below one that carries the tenant. */
async function storeSpans({ tenant_id }: Tenant, traceId: string): Promise<void> {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const root = traceOf().slice(16)
  const span = (spanId: string, name: string, parentSpanId: string, attributes: object[], code = 0) => ({
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: 1,
    startTimeUnixNano: `${BigInt(Date.now() - 500) * 1_000_000n}`,
    endTimeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
    status: { code },
    attributes,
  })
  const resource = (service: string, ...spans: object[]) => ({
    resource: { attributes: [text('service.name', service)] },
    scopeSpans: [{ spans }],
  })
  const body = JSON.stringify({
    resourceSpans: [
      resource('estimate-widget', span(root, 'api_call', '', [text('tenant.id', tenant_id)])),
      ...payloads.map((payload) => {
        const keys = ['http.route', 'http.request.method', 'http.response.status_code']
        const attributes = [
          text('estimate_widget.operation', payload),
          ...keys.map((key) => text(key, `reason ${payload}`)),
        ]
        const below = traceOf().slice(16)
        const server = span(below, `name ${payload}`, root, attributes, 2)
        // only of a browser's call the operation is told
        const call = span(traceOf().slice(16), 'api_call', below, attributes)
        return resource(`service ${payload}`, server, ...(/^\w+$/.test(payload) ? [call] : []))
      }),
    ],
  })
  await store.take(body)
}

t.test('numbers, leads, install check and share links show them as they stand in the store', async (t) => {
  for (const some of inGroups(45)) {
    const tenant = await newTenant()
    await plant(db, tenant.tenant_id, some)
    const isCounted = async () => {
      const asked = { headers: { authorization: `Bearer ${tenant.read_token}` } }
      const response = await fetch(`${url}/api/v1/analytics/summary`, asked)
      return ((await response.json()) as { widget_views: number }).widget_views >= some.length
    }
    t.ok(await waitFor(isCounted, { timeoutMs: 60_000 }), 'the roll-up has them')
    const { tab, context, trespasses } = await openPortal(tenant)
    await settled(tab)
    const breakdown = tab.locator('[aria-labelledby=breakdown]')
    for (const by of ['source', 'device', 'page']) {
      await breakdown.getByRole('button', { name: `By ${by}` }).click()
      await tab.waitForFunction(
        ([text]) => document.querySelector('[aria-labelledby=breakdown] tbody')?.textContent?.includes(text ?? ''),
        [some[0]],
      )
      t.strictSame(missingFrom((await breakdown.textContent()) ?? '', some), [], `numbers by ${by}`)
    }
    t.strictSame(
      missingFrom((await tab.locator('[aria-labelledby=performance]').textContent()) ?? '', some),
      [],
      'failures',
    )
    t.strictSame(await foreignMarkupOf(tab, []), [])
    for (const { view, needs } of [
      { view: 'leads', needs: 2 },
      { view: 'install', needs: 1 },
      { view: 'share', needs: 1 },
    ]) {
      await tab.locator(`[data-view=${view}]`).click()
      await settled(tab)
      if (view === 'leads') await tab.getByRole('button', { name: 'Show more' }).click()
      await tab.waitForFunction(
        ([count]) => document.querySelectorAll('main li, main tbody tr').length >= Number(count),
        [needs * some.length],
      )
      const texts = view === 'share' ? some.map((each) => each.slice(0, 100)) : some
      t.strictSame(missingFrom(await textsOf(tab), texts), [], view)
      t.strictSame(await foreignMarkupOf(tab, []), [], view)
    }
    t.strictSame(trespasses, [])
    await context.close()
  }
})

t.test('a tenant may be called anything', async (t) => {
  const tenant = await newTenant()
  const { tab, context, trespasses } = await openPortal(tenant, '?view=install')
  t.teardown(() => context.close())
  await settled(tab)
  for (const payload of payloads) {
    await db.query('update leadlight.tenants set name = $2 where tenant_id = $1', [tenant.tenant_id, payload])
    await tab.locator('[data-view=install]').click()
    await tab.waitForFunction((name) => document.querySelector('h1')?.textContent === name, payload)
  }
  t.strictSame(await foreignMarkupOf(tab, []), [])
  t.strictSame(trespasses, [])
})

t.test('an address that somebody else made filters by nothing but text', async (t) => {
  const { tab, context, trespasses } = await openPortal(await newTenant(), '?view=leads')
  t.teardown(() => context.close())
  await settled(tab)
  for (const some of inGroups(20)) {
    const chips = await tab.evaluate((values) => {
      return values.map((value) => {
        const query = new URLSearchParams({ device: value, source: value, page: value, range: value, lead: value })
        history.pushState(null, '', `?view=leads&${query}`)
        dispatchEvent(new PopStateEvent('popstate'))
        return document.querySelector('.chips')?.textContent
      })
    }, some)
    t.strictSame(
      chips.map((text) => text?.split(' ×').slice(0, 3)),
      some.map((each) => [`Filter${each}`, each, each]),
    )
    await settled(tab)
  }
  t.strictSame(await foreignMarkupOf(tab, []), [])
  t.strictSame(trespasses, [])
})

t.test('a page that takes them for more than text is found out', async (t) => {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const trespasses = await watchTrespasses(context, () => url)
  const tab = await context.newPage()
  await tab.goto(`${url}/widget.js`) // a page of that origin without a policy
  const write = (markup: string) =>
    tab.evaluate((text) => {
      document.body.innerHTML = text
    }, markup)
  // those that lead away would end it
  for (const payload of payloads.filter((each) => !/<meta/i.test(each))) await write(payload)
  t.ok(
    await waitFor(async () => ['dialog', 'asked'].every((kind) => trespasses.some((each) => each.startsWith(kind))), {
      timeoutMs: 60_000,
    }),
    'what runs, and what asks elsewhere',
  )
  t.match(trespasses.join('\n'), 'asked https://evil.example')
  await write(
    '<img src=x onerror="throw 1"><a href="javascript:0" onclick="0">x</a><a href="https://evil.example">x</a>',
  )
  t.equal((await foreignMarkupOf(tab, [])).length >= 3, true, 'and what only stands there')
})
