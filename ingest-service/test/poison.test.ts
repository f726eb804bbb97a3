import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { batch, origin, type Service, startService } from './service.ts'
import { converse, eventsHead } from './socket.ts'

const now = Date.now()
const session_id = uuid7(now - 1_000)
const good = () => JSON.stringify({ id: uuid7(now), type: 'widget_opened', session_id })
const opened = (more: string) => `{"id":"${uuid7(now)}","type":"widget_opened","session_id":"${session_id}",${more}}`
const message = (position: string) =>
  `{"id":"${uuid7(now)}","type":"message_sent","session_id":"${session_id}","properties":{"position":${position}}}`

/** Requests that were answered by an error of ours. */
async function errorsOf({ metrics }: Service): Promise<number> {
  const { values } = await metrics.requests.get()
  return values.filter(({ labels }) => labels.outcome === 'error').reduce((sum, { value }) => sum + value, 0)
}
const storedBy = async ({ superuser }: Service): Promise<number> =>
  (await superuser.query('select count(*)::int as n from leadlight.events')).rows[0].n

t.test('no value in an event costs its neighbours, and none is an error of ours', async (t) => {
  const service = await startService(t)
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  const events: [verdict: string, event: string][] = [
    ['unstorable_text', opened('"page":"/a\\u0000b"')],
    ['unstorable_text', opened('"page":"\\ud800"')],
    ['unstorable_text', opened('"page":"\\udc00\\ud800"')],
    ['unstorable_text', opened('"\\u0000":1')],
    ['unstorable_text', opened('"properties":{"\\udead":1}')],
    ['accepted', opened('"page":"/\\ud83d\\ude00"')],
    ['accepted', opened('"page":"/\\\\u0000"')],
    ['accepted', opened('"page":"\\"\\\\{},NULL"')],
    ['accepted', opened(`"extra":${deep(1_000)}`)],
    ['too_large', opened(`"extra":${deep(7_000)}`)],
    ['too_large', deep(20_000)],
    ['invalid_event', deep(10)],
    ['invalid_properties', message('1e131071')],
    ['invalid_properties', message('1e400')],
    ['invalid_properties', message('9007199254740993')],
    ['invalid_properties', message('-0')],
    ['invalid_properties', message('1.5')],
    ['invalid_properties', message('true')],
    ['accepted', message('1e0')],
    ['accepted', message('7,"position":8')],
    ['invalid_properties', opened('"properties":{"__proto__":{"trigger":"click"}}')],
    ['invalid_properties', opened('"properties":{"constructor":{"prototype":{"x":1}}}')],
    ['accepted', opened('"__proto__":{"type":"lead_captured"}')],
    ['unknown_type', `{"id":"${uuid7(now)}","__proto__":{"type":"widget_opened"},"session_id":"${session_id}"}`],
    ['unknown_type', opened('"type":"toString"')],
    ['unknown_type', opened('"type":{"toString":"widget_opened"}')],
    ['invalid_id', opened('"id":"019ABC12-0000-7000-8000-000000000000"')],
    ['invalid_id', opened('"id":["019abc12-0000-7000-8000-000000000000"]')],
    ['invalid_event', opened('"TENANT_ID":"x"')],
    ['invalid_event', 'null'],
    ['invalid_event', '"text"'],
    ['too_large', `"${'x'.repeat(9_000)}"`],
    ['too_large', opened(`"page":"/${'ü'.repeat(4_100)}"`)],
    ['accepted', opened(`"page":"/${'ü'.repeat(3_900)}"`)],
  ]
  let expected = 0
  for (const [verdict, event] of events) {
    const body = `{"site_key":"${service.tenant.site_key}","sent_at":"${new Date().toISOString()}","events":[${good()},${event},${good()}]}`
    const answer = await service.post(body)
    const isAccepted = verdict === 'accepted'
    t.match(
      answer,
      {
        status: 200,
        body: { accepted: isAccepted ? 3 : 2, rejected: isAccepted ? [] : [{ index: 1, reason: verdict }] },
      },
      `${verdict}: ${event.slice(0, 120)}`,
    )
    expected += isAccepted ? 3 : 2
  }
  t.equal(await storedBy(service), expected)
  t.equal(await errorsOf(service), 0)
  t.strictSame(
    (
      await service.superuser.query(
        "select distinct properties from leadlight.events where type = 'message_sent' order by 1",
      )
    ).rows,
    [{ properties: { position: 1 } }, { properties: { position: 8 } }],
    'numbers are stored as they came',
  )
})

t.test('no body is an error of ours', async (t) => {
  const service = await startService(t)
  const text = JSON.stringify(batch(service.tenant.site_key, [{ id: uuid7(now), type: 'widget_opened', session_id }]))
  const envelope = (more: string) => `${text.slice(0, -1)},${more}}`
  const bodies: [status: number, body: string | Buffer][] = [
    [200, `\ufeff${text}`],
    [200, ` \n\t${text}\r\n`],
    [200, envelope('"__proto__":{"events":7}')],
    [200, envelope(`"extra":${'['.repeat(20_000)}${']'.repeat(20_000)}`)],
    [200, envelope('"site_key_":"\\u0000"')],
    [400, envelope('"Tenant":"x"')],
    [400, envelope('"dropped":{"report_id":"x","counts":{}}')],
    [400, envelope('"sent_at":"2026-13-45T00:00:00Z"')],
    [400, envelope('"widget_version":"\\u0000","events":7')],
    [400, ''],
    [400, '[]'],
    [400, 'null'],
    [400, text.slice(0, -1)],
    [400, `${text}${text}`],
    [400, '{"events":NaN}'],
    [400, Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from(text.slice(-2))])],
    [400, Buffer.from(text, 'utf16le')],
    [400, text.replace('widget_opened', 'widget\0opened')],
    [401, text.replace(service.tenant.site_key, "' or 1=1 --")],
    [401, text.replace(service.tenant.site_key, '\\u0000')],
    [401, text.replace(service.tenant.site_key, '\\ud800')],
    [413, 'x'.repeat(10_000_000)],
    [413, envelope(`"events":[${Array(101).fill('1').join(',')}]`)],
  ]
  for (const [status, body] of bodies) {
    const answer = await service.post(body, { 'content-type': 'text/plain' })
    t.equal(answer.status, status, body.toString().slice(-120))
    t.equal(answer.headers['access-control-allow-origin'], '*')
  }
  t.equal(await errorsOf(service), 0)
  t.equal(await storedBy(service), 1)
})

t.test('a content type is one of two or refused, however it is spelled', async (t) => {
  const { app, tenant } = await startService(t)
  const types: [number, string | undefined][] = [
    [200, 'text/plain'],
    [200, 'TEXT/Plain;Charset=UTF-8'],
    [200, 'text/plain ; charset=latin1'],
    [200, 'application/json'],
    [200, 'application/json; charset=utf-8'],
    [415, 'application/json\t; charset'],
    [415, 'text/plainx'],
    [415, 'text/plain, application/json'],
    [415, 'application/x-www-form-urlencoded'],
    [415, 'multipart/form-data; boundary=x'],
    [415, '*/*'],
    [415, ''],
    [415, undefined],
  ]
  for (const [status, type] of types) {
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/api/v1/widget/events',
      headers: { origin, ...(type === undefined ? {} : { 'content-type': type }) },
      payload: JSON.stringify(batch(tenant.site_key, [])),
    })
    // what the parser reads as one of the two takes the same path; never anything between
    t.ok(
      statusCode === status || (status === 415 && statusCode === 200 && type?.startsWith('application/json')),
      `${type}: ${statusCode}`,
    )
  }
})

t.test('odd requests on a socket are refused, and leave the service as it was', async (t) => {
  const service = await startService(t)
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  const event = () =>
    JSON.stringify(batch(service.tenant.site_key, [{ id: uuid7(now), type: 'widget_opened', session_id }]))
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
  const chunked = (more: string[] = []) =>
    [
      'POST /api/v1/widget/events HTTP/1.1',
      'host: x',
      'content-type: text/plain',
      'connection: close',
      ...more,
      'transfer-encoding: chunked',
      '',
      '',
    ].join('\r\n')
  const close = ['connection: close']
  const body = event()
  const cases: [name: string, answer: RegExp, bytes: string][] = [
    [
      'chunked',
      /^HTTP\/1\.1 200 [\s\S]*"accepted":1/,
      `${chunked()}${chunk(body.slice(0, 9))}${chunk(body.slice(9))}0\r\n\r\n`,
    ],
    [
      'chunked with an extension and a trailer',
      /^HTTP\/1\.1 200 /,
      `${chunked()}${Buffer.byteLength(body).toString(16)};x=y\r\n${body}\r\n0\r\nx-trailer: 1\r\n\r\n`,
    ],
    ['a chunk size that is no number', /^HTTP\/1\.1 400 [\s\S]*invalid_http/, `${chunked()}zz\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk larger than its size', /^HTTP\/1\.1 400 /, `${chunked()}1\r\n${body}\r\n0\r\n\r\n`],
    ['chunks beyond the limit', /^HTTP\/1\.1 413 /, `${chunked()}${chunk('x'.repeat(70_000))}0\r\n\r\n`],
    ['both lengths', /^HTTP\/1\.1 400 /, `${chunked([`content-length: ${body.length}`])}${chunk(body)}0\r\n\r\n`],
    [
      'another transfer coding',
      /^HTTP\/1\.1 (400|501|415) /,
      `${eventsHead(3, ['transfer-encoding: gzip', ...close])}abc`,
    ],
    ['two lengths', /^HTTP\/1\.1 400 /, `${eventsHead(body.length, [`content-length: ${body.length + 1}`])}${body}`],
    ['a negative length', /^HTTP\/1\.1 400 /, `${eventsHead(-1)}${body}`],
    ['a length that announces too much', /^HTTP\/1\.1 413 /, eventsHead(10_000_000, close)],
    ['a header that is too long', /^HTTP\/1\.1 (400|431) /, eventsHead(2, [`x: ${'y'.repeat(20_000)}`])],
    ['a NUL in a header', /^HTTP\/1\.1 400 /, `${eventsHead(2, ['x: a\0b'])}{}`],
    [
      'no HTTP',
      /^HTTP\/1\.1 400 [\s\S]*access-control-allow-origin: \*/,
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    ],
    [
      'a method nobody knows',
      /^HTTP\/1\.1 (400|404|405) /,
      'PROPFIND /api/v1/widget/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    ],
    [
      'a path that cannot be decoded',
      /^HTTP\/1\.1 (400|404) /,
      'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    ],
    [
      'a request with a body where none is taken',
      /^HTTP\/1\.1 200 /,
      'GET /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}',
    ],
    [
      'two requests at once',
      /200 [\s\S]*"accepted":1[\s\S]*200 [\s\S]*"accepted":1/,
      [event(), event()].map((each, i) => `${eventsHead(Buffer.byteLength(each), i ? close : [])}${each}`).join(''),
    ],
  ]
  for (const [name, answer, bytes] of cases) {
    const { send, answered } = await converse(t, port)
    send(Buffer.from(bytes, 'latin1'))
    t.match(await answered, answer, name)
  }
  // goes away in the middle of its body
  for (const end of ['destroy', 'resetAndDestroy'] as const) {
    const { socket, send, answered } = await converse(t, port)
    send(`${eventsHead(1_000)}{"site_key":`)
    await new Promise((resolve) => service.app.server.once('request', resolve)).catch(() => {})
    socket[end]()
    await answered
  }
  const connections = promisify(service.app.server.getConnections.bind(service.app.server))
  t.ok(await waitFor(async () => (await connections()) === 0, { timeoutMs: 30_000 }), 'the service has noticed')
  t.equal(await errorsOf(service), 0, 'none of it is an error of ours')
  t.match(await service.post(event()), { status: 200, body: { accepted: 1 } })
})
