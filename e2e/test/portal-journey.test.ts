import type { Journey } from 'contract/analytics'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { desktop, keepScreenshot, openTab, origin, phone, startContractor } from './contractor.ts'
import { startTraceStore } from './trace-store.ts'

const store = await startTraceStore(t)
const { publicUrl, tenant, other, analytics } = await startContractor(t, { tracesUrl: store.url })

const startMs = Date.now() - 20_000
const hex = (digits: number): string => (crypto.randomUUID() + crypto.randomUUID()).replaceAll('-', '').slice(0, digits)

async function sendLead(traceId: string, spanIds = { loaded: hex(16), lead: hex(16) }): Promise<string> {
  const session_id = uuid7(startMs)
  const event = (type: string, afterMs: number, span_id: string, properties: object) => ({
    id: uuid7(startMs + afterMs),
    type,
    session_id,
    trace_id: traceId,
    span_id,
    page: '/contact',
    properties,
  })
  const events = [
    event('widget_loaded', 400, spanIds.loaded, { load_ms: 400 }),
    event('lead_captured', 6_000, spanIds.lead, { contact: 'email' }),
  ]
  const response = await fetch(`${publicUrl}/api/v1/widget/events`, {
    method: 'POST',
    headers: { origin, 'content-type': 'text/plain' },
    body: JSON.stringify({ site_key: tenant.site_key, sent_at: new Date().toISOString(), events }),
  })
  if (response.status !== 200) throw new Error(await response.text())
  return events[1]!.id
}

type Sent = {
  spanId: string
  parentSpanId?: string
  name: string
  afterMs: number
  ms: number
  tenantId?: string
  failed?: boolean
  attributes?: Record<string, string>
}

/** As the collector hands them to the store: browsers' spans with the tenant on each, servers' without. */
async function storeSpans(traceId: string, service: string, spans: Sent[]): Promise<void> {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const nano = (ms: number) => `${BigInt(Math.round(ms * 1_000)) * 1_000n}`
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', service)] },
        scopeSpans: [
          {
            spans: spans.map(({ spanId, parentSpanId = '', name, afterMs, ms, tenantId, failed, attributes = {} }) => ({
              traceId,
              spanId,
              parentSpanId,
              name,
              kind: 1,
              startTimeUnixNano: nano(startMs + afterMs),
              endTimeUnixNano: nano(startMs + afterMs + ms),
              status: failed ? { code: 2 } : {},
              attributes: [
                ...Object.entries({ ...attributes, ...(tenantId && { 'tenant.id': tenantId }) }).map(([key, value]) =>
                  text(key, value),
                ),
              ],
            })),
          },
        ],
      },
    ],
  }
  await store.take(JSON.stringify(body))
}

const traceId = hex(32)
const [loaded, leadSpan, call, server, query, planted] = Array.from({ length: 6 }, () => hex(16)) as [
  string,
  string,
  string,
  string,
  string,
  string,
]
const submit = { 'estimate_widget.operation': 'submit_lead' }
await storeSpans(traceId, 'estimate-widget', [
  { spanId: loaded, name: 'widget_loaded', afterMs: 0, ms: 400, tenantId: tenant.tenant_id },
  { spanId: leadSpan, parentSpanId: loaded, name: 'lead_captured', afterMs: 6_000, ms: 0, tenantId: tenant.tenant_id },
  {
    spanId: call,
    parentSpanId: loaded,
    name: 'api_call',
    afterMs: 4_000,
    ms: 1_900,
    tenantId: tenant.tenant_id,
    failed: true,
    attributes: { ...submit, 'http.response.status_code': '503' },
  },
  // another tenant's visitor has guessed the trace, and even a span of it
  { spanId: planted, parentSpanId: call, name: 'api_call', afterMs: 100, ms: 50, tenantId: other.tenant_id },
  { spanId: hex(16), parentSpanId: planted, name: 'planted-below', afterMs: 120, ms: 20 },
  { spanId: hex(16), name: 'planted-root', afterMs: 130, ms: 20 },
])
await storeSpans(traceId, 'demo-api', [
  { spanId: server, parentSpanId: call, name: 'POST /api/lead', afterMs: 4_200, ms: 1_500, failed: true },
  { spanId: query, parentSpanId: server, name: 'insert <b>lead</b>', afterMs: 4_300, ms: 1_200 },
])
const lead = await sendLead(traceId, { loaded, lead: leadSpan })
const journeyOf = (id: string): Promise<Journey> => analytics(`leads/${id}/journey`)
await waitFor(async () => (await journeyOf(lead)).spans.length === 5, { timeoutMs: 60_000 })

t.test("a journey holds the tenant's spans and their descendants, and no planted one", async (t) => {
  const { spans, traces, truncated } = await journeyOf(lead)
  t.match({ traces, truncated }, { traces: 'held', truncated: false })
  t.strictSame(spans.map(({ span_id }) => span_id).sort(), [loaded, leadSpan, call, server, query].sort())
  const foreign = await fetch(`${publicUrl}/api/v1/analytics/leads/${lead}/journey`, {
    headers: { authorization: `Bearer ${other.read_token}` },
  })
  t.equal(foreign.status, 404)
  t.notMatch(await foreign.text(), traceId)
})

for (const [size, viewport] of Object.entries({ phone, desktop })) {
  t.test(`the page draws what was asked and what the server did for it, ${size}`, async (t) => {
    const tab = await openTab(t, { viewport, colorScheme: size === 'phone' ? 'dark' : 'light' })
    await tab.goto(`${publicUrl}/portal/?view=journey&lead=${lead}#token=${tenant.read_token}`)
    const picture = tab.getByRole('img')
    await picture.waitFor()
    t.equal(
      await picture.getAttribute('aria-label'),
      'Request: sending the contact, browser, 1.9 s, failed (503); POST /api/lead, demo-api, 1.5 s, failed; insert <b>lead</b>, demo-api, 1.2 s, fine',
    )
    t.strictSame(await tab.locator('.timeline > li').evaluateAll((items) => items.map((item) => item.className)), [
      'event',
      'request failed',
      'event lead',
    ])
    await keepScreenshot(tab, `waterfall-${size}`)
    await tab.getByText('The same as a table').click()
    t.strictSame(await tab.getByRole('row', { name: 'POST /api/lead' }).locator('th, td').allTextContents(), [
      'POST /api/lead',
      'demo-api',
      '3.8 s',
      '1.5 s',
      'failed',
    ])
    t.notMatch(await tab.locator('body').textContent(), /planted/)
  })
}

t.test('a trace that is held no longer is said to be', async (t) => {
  const tab = await openTab(t)
  await tab.goto(`${publicUrl}/portal/?view=journey&lead=${await sendLead(hex(32))}#token=${tenant.read_token}`)
  await tab.getByText('What browser and servers measured is no longer held').waitFor()
  t.equal(await tab.locator('.timeline .name').count(), 2, 'what happened is still there')
})
