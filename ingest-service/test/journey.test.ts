import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { Span } from '../src/traces/otlp.ts'
import { jaeger, tempo } from '../src/traces/stores.ts'
import { visibleSpans } from '../src/traces/visible.ts'
import { batch, startService, uuid7 } from './service.ts'

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
      session_id: uuid7(Date.now() - 1),
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

t.test('both stores are read alike', async (t) => {
  const spans = [spanOf('aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'acme', { status: { code: 2 } })]
  const resourceSpans = [{ resource: { attributes: [text('service.name', 'demo-api')] }, scopeSpans: [{ spans }] }]
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
  const inTempo = spans.map((span) => ({
    ...span,
    traceId: base64(span.traceId),
    spanId: base64(span.spanId),
    parentSpanId: base64(span.parentSpanId),
    status: { code: 'STATUS_CODE_ERROR' },
  }))
  const fromTempo = tempo.read({
    trace: { resourceSpans: [{ ...resourceSpans[0], scopeSpans: [{ spans: inTempo }] }] },
  })
  t.strictSame(fromTempo, jaeger.read({ result: { resourceSpans } }))
  t.match(fromTempo, [
    { span_id: 'aaaaaaaaaaaaaaaa', parent_span_id: 'bbbbbbbbbbbbbbbb', tenantId: 'acme', status: 'error' },
  ])
  t.strictSame(tempo.read({ trace: {} }), [], 'a trace Tempo does not know')
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
  t.equal(visibleSpans([span(1, 2, 'acme'), span(2, 1, null)], 'acme').length, 2)
  t.equal(
    visibleSpans(
      Array.from({ length: 700 }, (_, i) => span(i, i - 1, 'acme')),
      'acme',
    ).length,
    500,
  )
})
