import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { previousRange, readRange } from '../src/analytics/range.ts'
import { rateOf } from '../src/analytics/rate.ts'
import { batch, startService } from './service.ts'

const steps = [
  'widget_loaded',
  'widget_opened',
  'message_sent',
  'estimate_generated',
  'lead_captured',
  'quote_requested',
]
const required: Record<string, object> = {
  widget_loaded: { load_ms: 1 },
  message_sent: { position: 1 },
  estimate_generated: { duration_ms: 1 },
  lead_captured: { contact: 'phone' },
}

/** Events of one visit that began at `ms`, a second apart. */
function visit(ms: number, types: string[]): unknown[] {
  const session_id = uuid7(ms)
  return types.map((type, i) => ({ id: uuid7(ms + (i + 1) * 1_000), type, session_id, properties: required[type] }))
}

t.test('summary and funnel count sessions as defined', async (t) => {
  const { post, get, tenant, other } = await startService(t)
  const ms = Date.now() - 60_000
  const visits = [
    visit(ms, steps),
    visit(ms, steps.slice(0, 5)),
    visit(ms, steps.slice(0, 2)),
    visit(ms, ['widget_loaded']),
    visit(ms, ['widget_loaded', 'widget_loaded', 'widget_opened', 'message_sent', 'message_sent', 'message_sent']),
    // left open over the end of its session: no load, counted in no rate based on loads
    visit(ms, ['widget_opened', 'lead_captured']),
    // the lead without the estimate: not at step 5 of the funnel
    visit(ms, ['widget_loaded', 'widget_opened', 'message_sent', 'lead_captured']),
  ]
  for (const events of visits) t.match(await post(batch(tenant.site_key, events)), { body: { rejected: [] } })
  await post(batch(other.site_key, visit(ms, steps)))

  const summary = (await get('/api/v1/analytics/summary', tenant.read_token)).body
  const pair = (rate: { numerator: number; denominator: number }) => [rate.numerator, rate.denominator]
  t.strictSame(
    {
      tenant: summary.tenant,
      views: summary.widget_views,
      sessions: summary.sessions,
      engagement: pair(summary.engagement_rate),
      estimate: pair(summary.estimate_conversion_rate),
      lead: pair(summary.lead_capture_rate),
      quote: pair(summary.quote_request_rate),
      conversation: summary.average_conversation_length,
    },
    {
      tenant: { name: 'Acme', time_zone: 'Europe/Vienna' },
      views: 7,
      sessions: 6,
      engagement: [5, 6],
      estimate: [2, 6],
      lead: [4, 6],
      quote: [1, 6],
      conversation: { numerator: 6, denominator: 4, value: 1.5 },
    },
  )
  t.ok(summary.definitions.lead_capture_rate)
  t.match(summary.previous, { widget_views: 0, sessions: 0 })

  const funnel = (await get('/api/v1/analytics/funnel', tenant.read_token)).body
  t.strictSame(
    funnel.steps.map((step: any) => [
      step.type,
      step.sessions,
      pair(step.of_first),
      step.of_previous && pair(step.of_previous),
    ]),
    [
      ['widget_loaded', 6, [6, 6], null],
      ['widget_opened', 5, [5, 6], [5, 6]],
      ['message_sent', 4, [4, 6], [4, 5]],
      ['estimate_generated', 2, [2, 6], [2, 4]],
      ['lead_captured', 2, [2, 6], [2, 2]],
      ['quote_requested', 1, [1, 6], [1, 2]],
    ],
  )
})

t.test("a day is the tenant's day", async (t) => {
  const midday = Math.floor((Date.now() - 2 * 86_400_000) / 86_400_000) * 86_400_000 + 43_200_000
  const date = new Date(midday).toISOString().slice(0, 10)
  // Kiritimati is 14 hours ahead: its day begins at 10:00 UTC of the day before
  const { post, get, tenant } = await startService(t, { timeZone: 'Pacific/Kiritimati' })
  await post(batch(tenant.site_key, visit(midday - 3_600_000 * 3, ['widget_loaded'])))
  const viewsOn = async (day: string) =>
    (await get(`/api/v1/analytics/summary?from=${day}&to=${day}`, tenant.read_token)).body.widget_views
  const next = new Date(midday + 86_400_000).toISOString().slice(0, 10)
  t.equal(await viewsOn(date), 1, '09:00 UTC is 23:00 there')
  t.equal(await viewsOn(next), 0)
})

t.test('a token opens its own tenant only, and nothing once the tenant is disabled', async (t) => {
  const { get, app, tenant, owner } = await startService(t)
  t.equal((await get('/api/v1/analytics/funnel', tenant.read_token)).status, 200)
  t.match(await get('/api/v1/analytics/funnel', 'rt_wrong'), { status: 401, body: { code: 'invalid_token' } })
  t.equal((await app.inject('/api/v1/analytics/funnel')).statusCode, 401)
  await owner.query('update leadlight.tenants set disabled_at = now() where tenant_id = $1', [tenant.tenant_id])
  t.equal((await get('/api/v1/analytics/funnel', tenant.read_token)).status, 401)
})

t.test('a range is 30 days that end today unless asked otherwise, at most 90', async (t) => {
  const now = new Date('2026-11-23T23:30:00Z')
  t.strictSame(readRange({}, 'UTC', now), { from: '2026-10-25', to: '2026-11-23' })
  t.strictSame(readRange({}, 'Asia/Kolkata', now), { from: '2026-10-26', to: '2026-11-24' }, 'there it is tomorrow')
  t.strictSame(readRange({ from: '2026-11-01' }, 'UTC', now), { from: '2026-11-01', to: '2026-11-23' })
  for (const query of [{ from: '2026-02-30' }, { to: 'now' }, { from: '2026-11-24' }, { from: '2026-08-25' }]) {
    t.throws(() => readRange(query, 'UTC', now), { code: 'invalid_query' }, JSON.stringify(query))
  }
  t.strictSame(previousRange({ from: '2026-10-25', to: '2026-11-23' }, 'UTC', now, 90), {
    from: '2026-09-25',
    to: '2026-10-24',
  })
  t.equal(previousRange({ from: '2026-08-26', to: '2026-11-23' }, 'UTC', now, 90), null, 'not held any more')
})

t.test('a rate carries its Wilson interval', async (t) => {
  t.strictSame(rateOf(0, 0), { numerator: 0, denominator: 0, value: null, low: null, high: null })
  // Newcombe 1998, table I: 81/263 → 0.2553–0.3662, 15/148 → 0.0624–0.1605, 0/20 → 0–0.1611
  const near = (rate: ReturnType<typeof rateOf>, low: number, high: number) =>
    t.ok(
      Math.abs(rate.low! - low) < 5e-5 && Math.abs(rate.high! - high) < 5e-5,
      `${rate.numerator}/${rate.denominator}`,
    )
  near(rateOf(81, 263), 0.2553, 0.3662)
  near(rateOf(15, 148), 0.0624, 0.1605)
  near(rateOf(0, 20), 0, 0.1611)
})
