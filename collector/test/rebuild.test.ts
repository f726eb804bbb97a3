// A browser decides nothing but the values the contract allows: what leaves the collector is rebuilt from those.

import { eventTypes } from 'contract/events'
import { operations, otherSpan, tenantHeader } from 'contract/spans'
import t from 'tap'
import { type Attribute, integer, makeSpan, request, startCollector, text } from './collector.ts'
import { temporaryDirectory } from './server.ts'
import { openStore, readable } from './store.ts'

const session = '019abc0f-0000-7000-8000-000000000000'
const store = await openStore(t)
const collector = await startCollector(t, { storeUrl: store.url, queue: temporaryDirectory(t), set: readable })

const sorted = (attributes: Attribute[] = []) => attributes.toSorted((a, b) => a.key.localeCompare(b.key))

t.test('the tenant is the one of the header, however many others the payload claims', async (t) => {
  const forged = text('tenant.id', 'tenant-b')
  const span = makeSpan('lead_captured', {
    attributes: [forged, text('tenant.id', 'tenant-c'), text('session.id', session)],
    events: [{ name: 'forged', timeUnixNano: `${Date.now()}000000`, attributes: [forged] }],
  })
  await collector.sendAsGateway(
    request([span], [forged, text('x-tenant-id', 'tenant-b')], { name: 's', attributes: [forged] }),
  )
  const { span: stored, resource, scope } = await store.find(span.spanId)
  t.strictSame(sorted(stored.attributes), [text('session.id', session), text('tenant.id', 'tenant-a')])
  t.strictSame(resource.attributes, [text('service.name', 'estimate-widget')])
  t.strictSame(scope, { name: 'widget-otel' })
  t.strictSame(stored.events ?? [], [])
})

t.test('without one plain tenant in the header nothing is stored', async (t) => {
  const missing = makeSpan('lead_captured', { attributes: [text('tenant.id', 'tenant-b')] })
  const doubled = makeSpan('lead_captured')
  const odd = makeSpan('lead_captured')
  const after = makeSpan('lead_captured')
  t.equal(await collector.sendAsGateway(request([missing]), {}), 200)
  t.equal(await collector.sendAsGateway(request([doubled]), { [tenantHeader]: 'tenant-a, tenant-b' }), 200)
  t.equal(await collector.sendAsGateway(request([odd]), { [tenantHeader]: '<b>tenant</b>' }), 200)
  t.equal(await collector.sendAsGateway(request([after])), 200)
  await store.find(after.spanId)
  const ids = [missing, doubled, odd].map(({ spanId }) => spanId)
  t.notOk(store.stored.some(({ span }) => ids.includes(span.spanId)))
})

t.test('event types and api_call keep their names, every other span is called other', async (t) => {
  const names = [...eventTypes, 'api_call', 'GET /admin', 'widget_loaded ', 'a'.repeat(10_000), '']
  const spans = names.map((name) => makeSpan(name, { kind: 2 }))
  await collector.sendAsGateway(request(spans))
  const stored = await Promise.all(spans.map(async ({ spanId }) => (await store.find(spanId)).span))
  t.strictSame(
    stored.map(({ name, kind }) => [name, kind]),
    [...eventTypes.map((type) => [type, 1]), ['api_call', 3], ...Array(4).fill([otherSpan, 1])],
  )
})

t.test('every operation of the contract survives on a call, any other becomes other', async (t) => {
  const claimed = [...operations, 'drop_table', 'send_message\n', '']
  const spans = claimed.map((operation) =>
    makeSpan('api_call', { attributes: [text('estimate_widget.operation', operation)] }),
  )
  const without = makeSpan('api_call')
  const nested = makeSpan('api_call', {
    attributes: [
      { key: 'estimate_widget.operation', value: { arrayValue: { values: [{ stringValue: 'send_message' }] } } },
    ],
  })
  const error = makeSpan('widget_error', { attributes: [text('estimate_widget.operation', 'submit_lead')] })
  const loaded = makeSpan('widget_loaded', { attributes: [text('estimate_widget.operation', 'submit_lead')] })
  await collector.sendAsGateway(request([...spans, without, nested, error, loaded]))
  const operation = async ({ spanId }: { spanId: string }) =>
    (await store.find(spanId)).span.attributes?.find(({ key }) => key === 'estimate_widget.operation')?.value
      .stringValue
  t.strictSame(await Promise.all(spans.map(operation)), [...operations, 'other', 'other', 'other'])
  t.strictSame(await Promise.all([without, nested, error, loaded].map(operation)), [
    'other',
    'other',
    'submit_lead',
    undefined,
  ])
})

t.test(
  'of the attributes only the listed ones of the right type and form survive, none from a neighbour',
  async (t) => {
    const good = makeSpan('api_call', {
      attributes: [
        text('session.id', session),
        integer('http.response.status_code', 503),
        text('error.type', 'TypeError'),
        text('estimate_widget.operation', 'submit_lead'),
        text('url.full', 'https://contractor.example/?email=someone@example.com'),
        { key: 'deep', value: { kvlistValue: { values: [text('session.id', session)] } } },
      ],
    })
    const bad = makeSpan('api_call', {
      attributes: [
        text('session.id', 'someone@example.com'),
        text('http.response.status_code', '503'),
        text('error.type', 'x'.repeat(65)),
        text('k'.repeat(100_000), 'v'),
      ],
    })
    const worse = makeSpan('api_call', {
      attributes: [
        { key: 'session.id', value: { kvlistValue: { values: [text('a', 'b')] } } },
        integer('http.response.status_code', 700),
        text('error.type', '<img src=x onerror=alert(1)>'),
      ],
    })
    await collector.sendAsGateway(request([good, bad, worse]))
    const attributes = async ({ spanId }: { spanId: string }) => sorted((await store.find(spanId)).span.attributes)
    t.match(await attributes(good), [
      text('error.type', 'TypeError'),
      text('estimate_widget.operation', 'submit_lead'),
      { key: 'http.response.status_code', value: { intValue: /^503$/ } },
      text('session.id', session),
      text('tenant.id', 'tenant-a'),
    ])
    t.equal((await attributes(good)).length, 5)
    const bare = [text('estimate_widget.operation', 'other'), text('tenant.id', 'tenant-a')]
    t.strictSame(await attributes(bad), bare)
    t.strictSame(await attributes(worse), bare)
  },
)

t.test('errors and every event keep their session', async (t) => {
  const spans = eventTypes.map((type) => makeSpan(type, { attributes: [text('session.id', session)] }))
  await collector.sendAsGateway(request(spans))
  for (const { spanId } of spans)
    t.strictSame(sorted((await store.find(spanId)).span.attributes), [
      text('session.id', session),
      text('tenant.id', 'tenant-a'),
    ])
})

t.test('the version survives when it is one, once', async (t) => {
  const version = async (...values: Attribute[]) => {
    const span = makeSpan('widget_loaded')
    await collector.sendAsGateway(request([span], values))
    return (await store.find(span.spanId)).resource.attributes
  }
  const name = text('service.name', 'estimate-widget')
  t.strictSame(await version(text('service.version', '1.4.2')), [name, text('service.version', '1.4.2')])
  t.strictSame(await version(text('service.version', '1.4.2'), text('service.version', '<b>')), [
    name,
    text('service.version', '1.4.2'),
  ])
  t.strictSame(await version(text('service.version', '<script>')), [name])
  t.strictSame(await version(integer('service.version', 7)), [name])
})

t.test('tracestate, flags, status text, unknown status and schema addresses do not leave', async (t) => {
  const span = makeSpan('api_call', {
    traceState: 'ot=th:ffffffffffffff',
    flags: 257,
    status: { code: 2, message: 'someone@example.com could not be reached' },
    droppedAttributesCount: 7,
    droppedEventsCount: 7,
    droppedLinksCount: 7,
  })
  const unknown = makeSpan('api_call', { status: { code: 99 } })
  const body = request([span, unknown])
  Object.assign(body.resourceSpans[0] ?? {}, { schemaUrl: 'https://forged.example' })
  await collector.sendAsGateway(body)
  const { span: stored, schemaUrls } = await store.find(span.spanId)
  t.strictSame(stored.status, { code: 2 })
  t.strictSame((await store.find(unknown.spanId)).span.status ?? {}, {})
  t.strictSame(
    ['traceState', 'flags', 'droppedAttributesCount', 'droppedEventsCount', 'droppedLinksCount'].filter(
      (key) => stored[key],
    ),
    [],
  )
  t.strictSame(schemaUrls, [undefined, undefined])
})

t.test("our own servers' spans pass untouched", async (t) => {
  const span = makeSpan('POST /api/estimate', {
    kind: 2,
    traceState: 'vendor=1',
    attributes: [text('http.route', '/api/estimate'), text('tenant.id', 'of-its-own')],
  })
  const resource = [text('service.name', 'demo'), text('service.version', '0.1.0')]
  await collector.sendAsServer(request([span], resource, { name: '@opentelemetry/instrumentation-http' }))
  const stored = await store.find(span.spanId)
  t.match(stored.span, span)
  t.strictSame(stored.resource.attributes, resource)
})
