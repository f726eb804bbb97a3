import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import { uuid7 } from 'stack/uuid7'
import t, { type Test } from 'tap'
import type { Span } from '../src/traces/otlp.ts'
import { jaeger, tempo } from '../src/traces/stores.ts'
import { visibleSpans } from '../src/traces/visible.ts'
import { batch, startService } from './service.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

/** A real HTTP server that answers for one trace as Jaeger does. */
async function startStore(t: Test, spans: object[]) {
  const server = Fastify()
  server.get<{ Params: { id: string } }>('/api/v3/traces/:id', async ({ params }, reply) => {
    // neither store can be told by the content type
    reply.type('text/plain')
    if (params.id !== traceId) {
      return reply.code(404).send(JSON.stringify({ error: { httpCode: 404, message: 'No traces found' } }))
    }
    const resource = { attributes: [text('service.name', 'estimate-widget')] }
    return JSON.stringify({ result: { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] } })
  })
  t.teardown(() => server.close())
  return server.listen({ host: '127.0.0.1', port: 0 })
}

const spanOf = (spanId: string, parentSpanId: string, tenantId: string | null, more: object = {}) => ({
  traceId,
  spanId,
  parentSpanId,
  name: 'api_call',
  startTimeUnixNano: '1795430000123000000',
  endTimeUnixNano: '1795430000223500000',
  attributes: [
    ...(tenantId ? [text('tenant.id', tenantId)] : []),
    text('estimate_widget.operation', 'submit_lead'),
    text('secret', 'x'),
  ],
  ...more,
})

t.test("a lead's journey is its visit in order, with the spans that are the tenant's", async (t) => {
  const tenantSpans: object[] = []
  const service = await startService(t, { tracesUrl: await startStore(t, tenantSpans) })
  const { post, get, tenant, other } = service
  const mine = 'aaaaaaaaaaaaaaaa'
  tenantSpans.push(
    spanOf(mine, '', tenant.tenant_id, { status: { code: 2 } }),
    spanOf('bbbbbbbbbbbbbbbb', mine, null),
    spanOf('cccccccccccccccc', mine, other.tenant_id),
    spanOf('dddddddddddddddd', 'cccccccccccccccc', null),
    spanOf('eeeeeeeeeeeeeeee', '', null),
  )
  const ms = Date.now() - 60_000
  const session_id = uuid7(ms)
  const event = (type: string, afterMs: number, properties?: object) => ({
    id: uuid7(ms + afterMs),
    type,
    session_id,
    trace_id: traceId,
    properties,
  })
  const lead = event('lead_captured', 3_000, { contact: 'phone' })
  await post(
    batch(tenant.site_key, [lead, event('widget_opened', 2_000), event('widget_loaded', 1_000, { load_ms: 5 })]),
  )
  await post(batch(tenant.site_key, [{ id: uuid7(ms), type: 'widget_opened', session_id: uuid7(ms - 1) }]))

  const { body } = await get(`/api/v1/analytics/leads/${lead.id}/journey`, tenant.read_token)
  t.strictSame(
    body.events.map((each: any) => each.type),
    ['widget_loaded', 'widget_opened', 'lead_captured'],
  )
  t.equal(body.traces, 'held')
  t.strictSame(body.spans.map((span: any) => span.span_id).sort(), [mine, 'bbbbbbbbbbbbbbbb'])
  t.strictSame(
    body.spans.find((span: any) => span.span_id === mine),
    {
      name: 'api_call',
      service: 'estimate-widget',
      trace_id: traceId,
      span_id: mine,
      parent_span_id: null,
      start: '2026-11-23T10:33:20.123Z',
      duration_ms: 100.5,
      status: 'error',
      attributes: { 'estimate_widget.operation': 'submit_lead' },
    },
  )
  t.match(await get(`/api/v1/analytics/leads/${lead.id}/journey`, other.read_token), {
    status: 404,
    body: { code: 'not_found' },
  })
  t.match(await get('/api/v1/analytics/leads/nonsense/journey', tenant.read_token), { status: 404 })
})

t.test('a trace that is held no longer, and a store that does not answer, are told apart', async (t) => {
  const traced = async (tracesUrl: string | undefined) => {
    const { post, get, tenant } = await startService(t, { tracesUrl })
    const lead = {
      id: uuid7(Date.now()),
      type: 'lead_captured',
      session_id: uuid7(Date.now() - 1_000),
      trace_id: 'f'.repeat(32),
      properties: { contact: 'form' },
    }
    await post(batch(tenant.site_key, [lead]))
    return (await get(`/api/v1/analytics/leads/${lead.id}/journey`, tenant.read_token)).body.traces
  }
  t.equal(await traced(await startStore(t, [])), 'expired')
  t.equal(await traced('http://127.0.0.1:9'), 'unavailable')
  t.equal(await traced(undefined), 'unavailable')
})

t.test('what Tempo answered is read as Jaeger’s answer of the same trace is', async (t) => {
  // recorded from Tempo 3.0.3 behind the collector: spans of a browser and of a server below one of them
  const answer = JSON.parse(readFileSync(new URL('tempo-trace.json', import.meta.url), 'utf8'))
  const codes: Record<string, number> = { STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 }
  const hex = (id?: string) => id && Buffer.from(id, 'base64').toString('hex')
  const inJaeger = answer.trace.resourceSpans.map((each: any) => ({
    ...each,
    scopeSpans: each.scopeSpans.map(({ spans }: any) => ({
      spans: spans.map((span: any) => ({
        ...span,
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        status: { code: codes[span.status.code] },
      })),
    })),
  }))
  const spans = tempo.read(answer)
  t.strictSame(spans, jaeger.read({ result: { resourceSpans: inJaeger } }))
  t.strictSame(
    spans.map(({ name, service, parent_span_id, status, tenantId }) => [
      name,
      service,
      parent_span_id,
      status,
      tenantId,
    ]),
    [
      ['api_call', 'estimate-widget', null, 'error', 'acme-tenant'],
      ['api_call', 'estimate-widget', null, 'ok', 'acme-tenant'],
      ['widget_loaded', 'estimate-widget', null, 'unset', 'acme-tenant'],
      ['POST /api/leads', 'demo-api', 'd6981631d2c652af', 'error', null],
    ],
  )
  t.match(spans[0], {
    trace_id: traceId,
    span_id: 'd6981631d2c652af',
    start: '2026-11-24T19:05:06.799Z',
    duration_ms: 100,
    attributes: { 'http.response.status_code': 500, 'estimate_widget.operation': 'submit_lead' },
  })
  t.equal(visibleSpans(spans, 'acme-tenant').spans.length, 4)
  t.strictSame(tempo.read({ trace: {}, metrics: {} }), [], 'a trace Tempo does not know')
})

t.test('a ring of parents ends, and no more than 500 spans are shown', async (t) => {
  const span = (id: number, parent: number, tenantId: string | null): Span => ({
    name: 'x',
    service: 's',
    trace_id: traceId,
    span_id: `${id}`,
    parent_span_id: `${parent}`,
    start: '2026-11-23T00:00:00.000Z',
    duration_ms: 1,
    status: 'unset',
    attributes: {},
    tenantId,
  })
  t.equal(visibleSpans([span(1, 2, 'acme'), span(2, 1, null)], 'acme').spans.length, 2)
  const many = visibleSpans(
    Array.from({ length: 700 }, (_, i) => span(i, i - 1, 'acme')),
    'acme',
  )
  t.match([many.spans.length, many.truncated], [500, true])
})

t.test('a trace larger than the bounds costs its own spans, not those of the lead', async (t) => {
  const huge = 'e'.repeat(32)
  const store = Fastify({ forceCloseConnections: true })
  let asked = 0
  const tenantId = { value: '' }
  store.get<{ Params: { id: string } }>('/api/v3/traces/:id', async ({ params }) => {
    asked++
    const own = { ...spanOf('aaaaaaaaaaaaaaaa', '', tenantId.value), traceId: params.id }
    const spans = params.id === huge ? Array.from({ length: 10_000 }, () => own) : [own]
    return JSON.stringify({ result: { resourceSpans: [{ resource: {}, scopeSpans: [{ spans }] }] } })
  })
  t.teardown(() => store.close())
  const service = await startService(t, { tracesUrl: await store.listen({ host: '127.0.0.1', port: 0 }) })
  const { post, get, tenant } = service
  tenantId.value = tenant.tenant_id
  const ms = Date.now() - 60_000
  const session_id = uuid7(ms)
  const traced = (trace_id: string, type: string, properties?: object) => ({
    id: uuid7(ms + 10),
    type,
    session_id,
    trace_id,
    properties,
  })
  const lead = traced(traceId, 'lead_captured', { contact: 'form' })
  await post(batch(tenant.site_key, [traced(huge, 'widget_opened'), lead]))
  const path = `/api/v1/analytics/leads/${lead.id}/journey`
  const { body } = await get(path, tenant.read_token)
  t.match(body, { traces: 'held', truncated: true, spans: { length: 1 } })
  t.equal(body.spans[0].trace_id, traceId)

  const others = Array.from({ length: 60 }, (_, i) => traced(`${i}`.padStart(32, 'a'), 'widget_opened'))
  await post(batch(tenant.site_key, others))
  asked = 0
  t.equal((await get(path, tenant.read_token)).body.truncated, true)
  t.equal(asked, 20, 'no more traces are asked for than the bound')
})

t.test('a lead is found by its trace, and says whether its visit met a fault', async (t) => {
  const { post, get, tenant, other, countUp } = await startService(t)
  const visit = (trace_id: string, more: object[] = [], ms = Date.now() - 60_000) => {
    const session_id = uuid7(ms)
    const lead = { id: uuid7(ms + 5), type: 'lead_captured', session_id, trace_id, properties: { contact: 'form' } }
    return [lead, ...more.map((each) => ({ id: uuid7(ms + 6), session_id, ...each }))]
  }
  const failed = { type: 'widget_error', properties: { error_type: 'TypeError' } }
  await post(batch(tenant.site_key, [...visit(traceId, [failed]), ...visit('f'.repeat(32))]))
  const { body } = await get(`/api/v1/analytics/leads?trace_id=${traceId}`, tenant.read_token)
  t.match(body, { leads: [{ trace_id: traceId, had_error: true }], total: 2, with_errors: 1 })
  t.equal(body.leads.length, 1)

  const earlier = 'e'.repeat(32)
  await post(batch(tenant.site_key, visit(earlier, [], Date.now() - 3 * 86_400_000)))
  await countUp()
  const { leads } = (await get(`/api/v1/analytics/leads?trace_id=${earlier}`, tenant.read_token)).body
  t.match(leads, [{ trace_id: earlier, had_error: false }], 'on a day that is counted too')
  t.equal(leads.length, 1)

  t.match((await get(`/api/v1/analytics/leads?trace_id=${traceId}`, other.read_token)).body, {
    leads: { length: 0 },
    total: 0,
  })
  t.equal((await get('/api/v1/analytics/leads?trace_id=x', tenant.read_token)).status, 400)
})

t.test('definitions come in German to whoever asks for it', async (t) => {
  const { app, tenant } = await startService(t)
  const ask = (language: string) =>
    app.inject({
      url: '/api/v1/analytics/summary',
      headers: { authorization: `Bearer ${tenant.read_token}`, 'accept-language': language },
    })
  const german = await ask('fr, de-AT;q=0.8, en;q=0.5')
  t.equal(german.headers['content-language'], 'de')
  t.match(JSON.parse(german.body).definitions.sessions, /^Besuche/)
  t.equal((await ask('fr')).headers['content-language'], 'en')
})
