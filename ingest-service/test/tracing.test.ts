import { randomBytes } from 'node:crypto'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { startTracing } from '../src/tracing.ts'
import { batch, startService, startUpstream } from './service.ts'

t.test('requests of people become spans in the trace of whoever asked, without what they said', async (t) => {
  const { url, requests } = await startUpstream(t, () => ({ status: 200 }))
  const tracing = startTracing(url, '1.2.3')
  const { app, post, tenant } = await startService(t, { tracing: tracing.plugin })
  const traceId = randomBytes(16).toString('hex')
  const parentId = randomBytes(8).toString('hex')
  const secret = 'planted-secret'
  const ask = (path: string, more: object = {}) =>
    app.inject({
      url: path,
      headers: {
        authorization: `Bearer ${tenant.read_token}`,
        // not sampled, says the stranger; that is ours to decide
        traceparent: `00-${traceId}-${parentId}-00`,
        baggage: `user=${secret}`,
        cookie: `x=${secret}`,
        'user-agent': secret,
        'x-forwarded-for': '203.0.113.77',
        ...more,
      },
    })
  t.equal((await ask(`/api/v1/analytics/summary?page=/${secret}`)).statusCode, 200)
  t.equal((await ask(`/api/v1/analytics/summary?from=${secret}`)).statusCode, 400)
  t.equal(
    (await ask(`/api/v1/analytics/leads/${uuid7(Date.now())}/journey`, { authorization: `Bearer ${secret}` }))
      .statusCode,
    401,
  )
  const event = { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }
  t.equal((await post(batch(tenant.site_key, [event]), { traceparent: `00-${traceId}-${parentId}-01` })).status, 200)
  await tracing.stop()
  t.ok(await waitFor(() => requests.length > 0, { timeoutMs: 10_000 }))

  const sent = requests.map(({ body }) => body.toString()).join('\n')
  for (const leak of [secret, tenant.read_token, tenant.site_key, '203.0.113', '127.0.0.1', '?', 'message'])
    t.notOk(sent.includes(leak), `no ${leak}`)
  const resourceSpans = requests.flatMap(({ body }) => JSON.parse(body.toString()).resourceSpans)
  t.strictSame(
    resourceSpans[0].resource.attributes.map(({ key, value }: any) => [key, value.stringValue]),
    [
      ['service.name', 'ingest-service'],
      ['service.version', '1.2.3'],
    ],
  )
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans)
  t.strictSame(
    spans.map(({ name, traceId, parentSpanId, kind, attributes }: any) => ({
      name,
      traceId,
      parentSpanId,
      kind,
      status: attributes.find(({ key }: any) => key === 'http.response.status_code').value.intValue,
    })),
    (
      [
        ['GET /api/v1/analytics/summary', 200],
        ['GET /api/v1/analytics/summary', 400],
        ['GET /api/v1/analytics/leads/:event_id/journey', 401],
      ] as const
    ).map(([name, status]) => ({ name, traceId, parentSpanId: parentId, kind: 2, status })),
    'and none of the route for events, which has none',
  )
})
