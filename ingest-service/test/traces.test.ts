import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { origin, startService, startUpstream } from './service.ts'

const spans = JSON.stringify({
  resourceSpans: [{ resource: { attributes: [{ key: 'tenant.id', value: { stringValue: 'forged' } }] } }],
})

t.test('spans are passed on with the tenant of the key, decompressed', async (t) => {
  const upstream = await startUpstream(t, () => ({ status: 200 }))
  const { app, tenant } = await startService(t, { collectorUrl: upstream.url })
  const send = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/v1/traces',
      headers: {
        origin,
        'content-type': 'application/json',
        'x-site-key': tenant.site_key,
        'x-tenant-id': 'forged',
        ...headers,
      },
      payload,
    })
  const plain = await send(spans)
  t.match(plain, { statusCode: 200, body: '{}', headers: { 'access-control-allow-origin': '*' } })
  t.equal((await send(gzipSync(spans), { 'content-encoding': 'gzip' })).statusCode, 200)
  t.equal(
    (await send(Buffer.from([0x0a, 0x00]), { 'content-type': 'application/x-protobuf' })).headers['content-type'],
    'application/x-protobuf',
  )
  t.strictSame(
    upstream.requests.map(({ headers, body }) => [headers['x-tenant-id'], headers['content-type'], body.length]),
    [
      [tenant.tenant_id, 'application/json', spans.length],
      [tenant.tenant_id, 'application/json', spans.length],
      [tenant.tenant_id, 'application/x-protobuf', 2],
    ],
  )
  t.equal((await send(spans, { dnt: '1' })).body, '{}')
  t.equal(upstream.requests.length, 3, 'nothing of a visitor who asks not to be tracked is passed on')
})

t.test('what is too large, in either form, or unreadable is refused', async (t) => {
  const upstream = await startUpstream(t, () => ({ status: 200 }))
  const { app, tenant } = await startService(t, { collectorUrl: upstream.url })
  const cases: [string, number, string, Buffer, Record<string, string>?][] = [
    ['as sent', 413, 'too_large', Buffer.alloc(262_145, 0x20)],
    ['decompressed', 413, 'too_large', gzipSync(Buffer.alloc(1_048_577, 0x20)), { 'content-encoding': 'gzip' }],
    ['a bomb', 413, 'too_large', gzipSync(Buffer.alloc(100_000_000)), { 'content-encoding': 'gzip' }],
    ['no gzip', 400, 'invalid_json', Buffer.from('{}'), { 'content-encoding': 'gzip' }],
    ['another encoding', 415, 'unsupported_media_type', Buffer.from('{}'), { 'content-encoding': 'br' }],
    ['another type', 415, 'unsupported_media_type', Buffer.from('{}'), { 'content-type': 'text/plain' }],
    ['no key', 401, 'unknown_site_key', Buffer.from('{}'), { 'x-site-key': '' }],
    ['a foreign origin', 403, 'origin_not_registered', Buffer.from('{}'), { origin: 'https://evil.example' }],
  ]
  for (const [name, status, code, payload, headers] of cases) {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/traces',
      headers: { origin, 'content-type': 'application/json', 'x-site-key': tenant.site_key, ...headers },
      payload,
    })
    t.match({ status: answer.statusCode, code: JSON.parse(answer.body).code }, { status, code }, name)
    t.equal(answer.headers['access-control-allow-origin'], '*', `${name}: CORS`)
  }
  t.strictSame(upstream.requests, [])
})

t.test('a collector that cannot be reached is a reason to try again, one that refuses is not', async (t) => {
  const upstream = await startUpstream(t, () => ({ status: 503 }))
  const refusing = await startService(t, { collectorUrl: upstream.url })
  const headers = (key: string) => ({ origin, 'content-type': 'application/json', 'x-site-key': key })
  const refused = await refusing.app.inject({
    method: 'POST',
    url: '/v1/traces',
    headers: headers(refusing.tenant.site_key),
    payload: spans,
  })
  t.equal(refused.statusCode, 200)
  t.match(JSON.parse(refused.body).partialSuccess.errorMessage, /do not send them again/)

  const away = await startService(t)
  const unreachable = await away.app.inject({
    method: 'POST',
    url: '/v1/traces',
    headers: headers(away.tenant.site_key),
    payload: spans,
  })
  t.equal(unreachable.statusCode, 503)
  t.equal(JSON.parse(unreachable.body).code, 'collector_unavailable')
  t.ok(Number(unreachable.headers['retry-after']) >= 5)
})

t.test('a sender that stops half-way, or goes away, is no failure of ours', async (t) => {
  const upstream = await startUpstream(t, () => ({ status: 200 }))
  const { app, tenant, metrics } = await startService(t, { collectorUrl: upstream.url })
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const half = (): Socket => {
    const socket = connect(Number(port), '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: h\r\norigin: ${origin}\r\ncontent-type: application/json\r\n` +
        `x-site-key: ${tenant.site_key}\r\ncontent-length: 1000\r\n\r\n{"resourceSpans":`,
    )
    return socket
  }
  const stopped = half()
  const gone = half()
  const answered = once(stopped, 'data')
  t.ok(await waitFor(() => upstream.begun() === 2, { timeoutMs: 30_000, intervalMs: 10 }), 'both are being passed on')
  gone.destroy()
  const [answer] = await answered
  t.match(String(answer), /^HTTP\/1\.1 408 .*"code":"request_timeout"/s)
  // the other one went long before this answer
  const requests = (await metrics.requests.get()).values.filter(
    ({ labels }) => labels.route === 'traces' && labels.outcome === 'error',
  )
  const spans = (await metrics.spansRequests.get()).values.filter(({ labels }) => labels.outcome === 'error')
  t.strictSame(
    [...requests, ...spans].map(({ value }) => value),
    [0, 0],
  )
})
