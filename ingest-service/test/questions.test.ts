import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { batch, type Service, startService } from './service.ts'

const hour = 3_600_000

async function send(
  { post, tenant }: Service,
  ms: number,
  events: [type: string, afterMs: number, properties?: object, page?: string][],
) {
  const session_id = uuid7(ms)
  const sent = events.map(([type, afterMs, properties, page]) => ({
    id: uuid7(ms + afterMs),
    type,
    session_id,
    properties,
    page,
  }))
  const { body } = await post(batch(tenant.site_key, sent))
  if (body.accepted !== events.length) throw new Error(JSON.stringify(body))
  return { session_id, ids: sent.map((event) => event.id) }
}

const ask = async ({ get, tenant }: Service, path: string) => {
  const { status, body } = await get(`/api/v1/analytics/${path}`, tenant.read_token)
  return status === 200 ? body : { status, ...body }
}

t.test('device, source and page of the first load narrow every number, and break it down', async (t) => {
  const service = await startService(t)
  const ms = Date.now() - hour
  await send(service, ms, [
    ['widget_loaded', 1, { load_ms: 100, device: 'phone', utm_source: 'google', referrer_host: 'www.google.com' }, '/'],
    ['widget_opened', 2],
    // a second load in the same visit changes nothing of where it came from
    ['widget_loaded', 3, { load_ms: 300, device: 'desktop', referrer_host: 'www.acme.example' }, '/pricing'],
    ['lead_captured', 4, { contact: 'phone' }],
  ])
  await send(service, ms, [['widget_loaded', 1, { load_ms: 200, device: 'desktop', referrer_host: 'bing.com' }, '/']])
  await send(service, ms, [['widget_loaded', 1, { load_ms: 400 }]])

  const phone = await ask(service, 'summary?device=phone')
  t.match(phone, { widget_views: 2, sessions: 1, engagement_rate: { numerator: 1, denominator: 1 } })
  t.match(await ask(service, 'summary?source=google&page=/'), { sessions: 1, lead_capture_rate: { numerator: 1 } })
  t.match(await ask(service, 'summary?source=google&page=/pricing'), { widget_views: 0, sessions: 0 })
  t.match((await ask(service, 'funnel?device=desktop')).steps[0], { sessions: 1 })
  const bySource = (await ask(service, 'breakdown?by=source')).breakdown
  t.strictSame(
    bySource.map((row: any) => [row.value, row.widget_views, row.sessions]),
    [
      ['bing.com', 1, 1],
      ['google', 2, 1],
      [null, 1, 1],
    ],
  )
  t.match((await ask(service, 'breakdown?by=page')).breakdown, [
    { value: '/', sessions: 2 },
    { value: null, sessions: 1 },
  ])
  t.match(await ask(service, 'breakdown?by=browser'), { status: 400, code: 'invalid_query' })
})

t.test('whichever event of a visit arrives first, its first load says where it came from', async (t) => {
  const service = await startService(t)
  const { post, superuser, tenant } = service
  const ms = Date.now() - hour
  const session_id = uuid7(ms)
  const load = (afterMs: number, device: string) => ({
    id: uuid7(ms + afterMs),
    type: 'widget_loaded',
    session_id,
    properties: { load_ms: 1, device },
  })
  const opened = { id: uuid7(ms + 5), type: 'widget_opened', session_id }
  for (const event of [load(20, 'tablet'), opened, load(10, 'phone'), load(30, 'desktop')]) {
    await post(batch(tenant.site_key, [event]))
  }
  const { rows } = await superuser.query('select device, loaded_at, opened_at from leadlight.sessions')
  t.strictSame(rows, [{ device: 'phone', loaded_at: new Date(ms + 10), opened_at: new Date(ms + 5) }])
})

t.test('a series has a point for every day, with the offset of its midnight', async (t) => {
  const service = await startService(t, { now: () => Date.parse('2026-11-03T12:00:00Z'), timeZone: 'America/New_York' })
  const { points } = await ask(service, 'series?from=2026-10-31&to=2026-11-02')
  t.strictSame(
    points.map((point: any) => point.start),
    ['2026-10-31T00:00:00-04:00', '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00'],
    'the clocks went back on 1 November',
  )
  const hourly = (await ask(service, 'series?from=2026-11-01&to=2026-11-01&interval=hour')).points
  t.equal(hourly.length, 25, 'a day of 25 hours')
  t.strictSame([hourly[1].start, hourly[2].start], ['2026-11-01T01:00:00-04:00', '2026-11-01T01:00:00-05:00'])
  t.match(await ask(service, 'series?from=2026-10-20&to=2026-11-01&interval=hour'), {
    status: 400,
    code: 'invalid_query',
  })
})

t.test('hours are counted from midnight where the offset is no whole hour', async (t) => {
  const service = await startService(t, { timeZone: 'Asia/Kathmandu' })
  const ms = Date.now() - hour
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kathmandu' }).format(ms)
  await send(service, ms - 1_000, [['widget_opened', 1_000]])
  const { points } = await ask(service, `series?from=${today}&to=${today}&interval=hour`)
  t.equal(points.length, 24)
  t.equal(points[0].start, `${today}T00:00:00+05:45`)
  const counted = points.filter((point: any) => point.widget_opened === 1)
  t.equal(counted.length, 1)
  const start = Date.parse(counted[0].start)
  t.ok(start <= ms && ms < start + hour)
})

t.test('performance is percentiles of what was measured and the share of visits that failed', async (t) => {
  const service = await startService(t)
  const ms = Date.now() - hour
  const loads = Array.from({ length: 50 }, (_, i): [string, number, object] => [
    'widget_loaded',
    i + 1,
    { load_ms: (i + 1) * 10 },
  ])
  await send(service, ms, loads)
  await send(service, ms, [
    ['widget_opened', 1],
    ['message_sent', 2, { position: 1, response_ms: 70 }],
    ['message_sent', 3, { position: 2 }],
    ['widget_error', 4, { error_type: 'TypeError', source: 'api', operation: 'send_message', message: 'x' }],
    ['widget_error', 5, { error_type: 'TypeError', source: 'api', operation: 'send_message' }],
    ['widget_error', 6, { error_type: 'RangeError' }],
  ])
  const { load_ms, response_ms, error_rate, errors } = await ask(service, 'performance')
  // 250, 380 and 480 were measured; eight buckets double the time
  t.strictSame(load_ms, { p50: 245, p75: 378, p95: 490, count: 50 })
  t.strictSame(response_ms, {
    send_message: { p50: 72.9, p75: 72.9, p95: 72.9, count: 1 },
    create_estimate: { p50: null, p75: null, p95: null, count: 0 },
  })
  t.match(error_rate, { numerator: 1, denominator: 2 })
  t.strictSame(errors, [
    { type: 'TypeError', source: 'api', operation: 'send_message', count: 2 },
    { type: 'RangeError', source: null, operation: null, count: 1 },
  ])
})

t.test('leads come newest first, page by page, each once', async (t) => {
  const service = await startService(t)
  const ms = Date.now() - hour
  const expected: string[] = []
  for (let visit = 0; visit < 6; visit++) {
    const leads = Array.from({ length: 20 }, (_, i): [string, number, object] => [
      'lead_captured',
      10 + i,
      { contact: 'form' },
    ])
    const { ids } = await send(service, ms + visit * 1_000, [
      ['widget_loaded', 1, { load_ms: 1, utm_source: 'google' }],
      ...leads,
    ])
    expected.unshift(...ids.slice(1).reverse())
  }
  const seen: string[] = []
  let cursor: string | null = ''
  let pages = 0
  while (cursor !== null) {
    const page: any = await ask(service, `leads${cursor && `?cursor=${cursor}`}`)
    seen.push(...page.leads.map((lead: any) => lead.event_id))
    cursor = page.next_cursor
    pages++
    t.match(page.leads[0], { type: 'lead_captured', source: 'google', trace_id: null, properties: { contact: 'form' } })
  }
  t.strictSame(seen, expected)
  t.equal(pages, 3)
  t.match(await ask(service, 'leads?cursor=x'), { status: 400, code: 'invalid_query' })
})
