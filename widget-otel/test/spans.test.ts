import type { WireEvent } from 'contract/envelope'
import t from 'tap'
import { expectTelemetry, type OtlpSpan, startSite, stopClock, untilSpans } from './site.ts'

const site = await startSite(t)

t.beforeEach(async () => {
  await site.reset()
  site.options = '{ widgetVersion: "1.4.2" }'
})

const attributesOf = ({ attributes }: OtlpSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))
const msOf = (span: OtlpSpan) => Number((BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1_000_000n)
const named = (name: string) => site.spans.filter((span) => span.name === name)

t.test('one trace per page view: widget_loaded is the root, everything else descends from it', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  const events = await expectTelemetry(t, site, {
    action: () =>
      page.evaluate(async () => {
        await telemetry.fetch('create_estimate', '/api/200')
        telemetry.opened({ trigger: 'click' })
        telemetry.estimateGenerated({ duration_ms: 900 })
        telemetry.error(new RangeError('x'), { operation: 'create_estimate' })
        telemetry.leadCaptured({ contact: 'form' })
      }),
    events: ['widget_loaded', 'widget_opened', 'estimate_generated', 'widget_error', 'lead_captured'].map((type) => ({
      type,
    })),
  })
  await untilSpans(site, page, 6)
  const [root] = named('widget_loaded')
  t.equal(root?.parentSpanId, undefined)
  t.equal(root?.spanId, events[0]?.span_id, 'the ids that the events carry')
  t.same(new Set(site.spans.map((span) => span.traceId)), new Set([events[0]?.trace_id]))
  t.same(
    new Set(
      site.spans.filter((span) => span !== root && span.name !== 'widget_loaded').map((span) => span.parentSpanId),
    ),
    new Set([root?.spanId]),
  )
  for (const event of events) t.equal(named(event.type)[0]?.spanId, event.span_id)
  t.same(new Set(site.spans.map((span) => attributesOf(span)['session.id'])), new Set([events[0]?.session_id]))

  t.equal(
    msOf(root as OtlpSpan),
    (events[0] as WireEvent<'widget_loaded'>).properties.load_ms,
    'as long as what it measures',
  )
  t.equal(msOf(named('estimate_generated')[0] as OtlpSpan), 900)
  t.match(named('widget_error')[0], { kind: 1, status: { code: 2 } })
  t.match(attributesOf(named('widget_error')[0] as OtlpSpan), {
    'error.type': 'RangeError',
    'estimate_widget.operation': 'create_estimate',
  })

  const traces = site.received.filter(({ path, method }) => path === '/v1/traces' && method === 'POST')
  t.match(traces[0]?.headers, { 'x-site-key': 'pk_test', 'content-type': 'application/json' })
  const { resource, scopeSpans } = JSON.parse(String(traces[0]?.body)).resourceSpans[0]
  t.same(resource.attributes, [
    { key: 'service.name', value: { stringValue: 'estimate-widget' } },
    { key: 'service.version', value: { stringValue: '1.4.2' } },
  ])
  t.equal(scopeSpans[0].scope.name, 'widget-otel')
})

t.test(
  'a call of the API is a client span; 4xx, 5xx and a dead network are errors, a call called off is none',
  async (t) => {
    site.options = `{ traceOrigins: [] }`
    const page = await site.open(t, await site.visitor(t))
    const results = await page.evaluate(async (dead) => {
      const outcome = (call: Promise<Response>) =>
        call.then(
          ({ status }) => status,
          ({ name }) => name,
        )
      const controller = new AbortController()
      controller.abort()
      return [
        await outcome(telemetry.fetch('send_message', '/api/200')),
        await outcome(telemetry.fetch('create_estimate', '/api/404')),
        await outcome(
          telemetry.fetch('submit_lead', new URL('/api/503', location.href), { method: 'POST', body: 'x' }),
        ),
        await outcome(telemetry.fetch('request_quote', dead)),
        await outcome(telemetry.fetch('load_config', new Request('/api/200'), { signal: controller.signal })),
        await outcome(telemetry.fetch('something' as 'other', '/api/200')),
      ]
    }, 'http://127.0.0.1:9/')
    t.same(results, [200, 404, 503, 'TypeError', 'AbortError', 200], 'as window.fetch does')
    await page.evaluate(() => telemetry.opened())
    await untilSpans(site, page, 8)
    const calls = Object.fromEntries(
      named('api_call').map((span) => [attributesOf(span)['estimate_widget.operation'], span]),
    )
    const expected = {
      send_message: [{}, { 'http.response.status_code': 200, 'error.type': undefined }],
      create_estimate: [{ code: 2 }, { 'http.response.status_code': 404, 'error.type': '404' }],
      submit_lead: [{ code: 2 }, { 'http.response.status_code': 503, 'error.type': '503' }],
      request_quote: [{ code: 2 }, { 'http.response.status_code': undefined, 'error.type': 'TypeError' }],
      load_config: [{ code: 0 }, { 'error.type': 'AbortError' }],
      other: [{}, { 'http.response.status_code': 200 }],
    } as const
    for (const [operation, [status, attributes]] of Object.entries(expected)) {
      const span = calls[operation] as OtlpSpan
      t.match(span.status, status, operation)
      t.match(attributesOf(span), attributes, operation)
      t.equal(span.kind, 3, 'client')
    }
  },
)

t.test('traceparent goes to the page’s own origin by default, and names the span of the call', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  const [own, stranger] = await page.evaluate(
    async (urls) =>
      Promise.all(
        urls.map(async (url) => (await telemetry.fetch('create_estimate', url, { headers: { accept: 'a/b' } })).json()),
      ),
    ['/api/200', site.strangerOrigin],
  )
  t.match(own, { accept: 'a/b', traceparent: /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/ })
  t.notOk('traceparent' in stranger)
  await page.evaluate(() => telemetry.opened())
  await untilSpans(site, page, 4)
  const [, traceId, spanId] = own.traceparent.split('-')
  t.ok(named('api_call').some((span) => span.traceId === traceId && span.spanId === spanId))
})

t.test('traceparent goes to the origins listed, and to no other', async (t) => {
  site.options = `{ traceOrigins: ['${site.strangerOrigin}'] }`
  const page = await site.open(t, await site.visitor(t))
  const [own, listed] = await page.evaluate(
    async (urls) => Promise.all(urls.map(async (url) => (await telemetry.fetch('other', new Request(url))).json())),
    ['/api/200', site.strangerOrigin],
  )
  t.notOk('traceparent' in own)
  t.ok('traceparent' in listed)
})

t.test('spans leave with the page, after its events', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context)
  const page = await site.open(t, context)
  // as they leave: two connections may turn the order round
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname))
  const later = page.waitForResponse(/widget-later-/)
  await page.evaluate(() => telemetry.opened())
  await later
  await untilSpans(site, page, 2)
  t.same(posts, ['/api/v1/widget/events', '/v1/traces'])
})

t.test('stop() sends the spans that wait', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  await page.evaluate(async () => {
    telemetry.opened()
    telemetry.leadCaptured({ contact: 'form' })
    await telemetry.stop()
  })
  t.same(site.spans.map(({ name }) => name).sort(), ['lead_captured', 'widget_loaded', 'widget_opened'])
})

t.test('the script tag loads the lazy part from the service', async (t) => {
  site.options = undefined
  const page = await site.open(t, await site.visitor(t))
  await untilSpans(site, page, 1)
  t.ok(site.loaded.some((path) => /^\/widget-later-\w+\.js$/.test(path)))
})

t.test('a page that does not let the lazy part in loses its spans, not its events', async (t) => {
  const context = await site.visitor(t)
  await context.route(/widget-later-/, (route) => route.abort())
  const page = await site.open(t, context)
  await expectTelemetry(t, site, {
    action: () => page.evaluate(() => telemetry.leadCaptured({ contact: 'form' })),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  t.same(site.spans, [])
})
