import { problems } from 'contract/refusals'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { batch, origin, startService } from './service.ts'

t.test('a batch is stored, each event judged by itself', async (t) => {
  const { post, superuser, tenant } = await startService(t)
  const now = Date.now()
  const session_id = uuid7(now - 60_000)
  const loaded = {
    id: uuid7(now - 50_000),
    type: 'widget_loaded',
    session_id,
    page: '/pricing?utm_source=x#top',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
    properties: { load_ms: 120.5, device: 'phone' },
  }
  const { status, body } = await post(
    batch(tenant.site_key, [
      loaded,
      { id: uuid7(now), type: 'toString', session_id },
      { id: uuid7(now), type: 'widget_opened', session_id },
      { id: uuid7(now), type: 'lead_captured', session_id, properties: { contact: 'fax' } },
      'nonsense',
    ]),
  )
  t.equal(status, 200)
  t.match(body, {
    accepted: 2,
    duplicates: 0,
    ignored: 0,
    rejected: [
      { index: 1, reason: 'unknown_type' },
      { index: 3, reason: 'invalid_properties', detail: /contact must be .*email, phone, form, other/ },
      { index: 4, id: null, reason: 'invalid_event' },
    ],
  })
  const { rows } = await superuser.query(
    `select tenant_id, type, page, replace(trace_id::text, '-', '') as trace_id, encode(span_id, 'hex') as span_id, properties
     from leadlight.events order by type`,
  )
  t.strictSame(rows, [
    {
      tenant_id: tenant.tenant_id,
      type: 'widget_loaded',
      page: '/pricing',
      trace_id: loaded.trace_id,
      span_id: loaded.span_id,
      properties: { load_ms: 120.5, device: 'phone' },
    },
    { tenant_id: tenant.tenant_id, type: 'widget_opened', page: null, trace_id: null, span_id: null, properties: {} },
  ])
})

t.test('the same event is stored once, whoever sends it again and in which content type', async (t) => {
  const { post, superuser, tenant, other } = await startService(t)
  const now = Date.now()
  const event = { id: uuid7(now), type: 'message_sent', session_id: uuid7(now - 1), properties: { position: 1 } }
  t.match((await post(batch(tenant.site_key, [event, event]))).body, { accepted: 1, duplicates: 1 })
  t.match((await post(batch(tenant.site_key, [event]), { 'content-type': 'application/json' })).body, {
    accepted: 0,
    duplicates: 1,
  })
  t.match((await post(batch(other.site_key, [event]))).body, { accepted: 1 }, "another tenant's id is its own")
  const { rows } = await superuser.query('select tenant_id, messages from leadlight.sessions order by tenant_id')
  t.strictSame(rows, [
    { tenant_id: tenant.tenant_id, messages: 1 },
    { tenant_id: other.tenant_id, messages: 1 },
  ])
})

t.test('fifty requests at once, half of them repeated, count every event once', async (t) => {
  const { post, superuser, tenant } = await startService(t)
  const now = Date.now()
  const session_id = uuid7(now - 1_000)
  const events = Array.from({ length: 500 }, (_, i) => ({
    id: uuid7(now + i),
    type: 'message_sent',
    session_id,
    properties: { position: (i % 1000) + 1 },
  }))
  const requests = Array.from({ length: 50 }, (_, i) => events.slice((i % 25) * 20, (i % 25) * 20 + 20))
  const answers = await Promise.all(requests.map((part) => post(batch(tenant.site_key, part))))
  t.equal(
    answers.reduce((sum, { body }) => sum + body.accepted, 0),
    500,
  )
  t.equal(
    answers.reduce((sum, { body }) => sum + body.duplicates, 0),
    500,
  )
  const { rows } = await superuser.query(
    'select (select count(*)::int from leadlight.events) as events, messages from leadlight.sessions',
  )
  t.strictSame(rows, [{ events: 500, messages: 500 }])
})

t.test('whoever asks not to be tracked leaves nothing, whatever the key', async (t) => {
  const { post, superuser, tenant } = await startService(t)
  const now = Date.now()
  const event = { id: uuid7(now), type: 'widget_opened', session_id: uuid7(now - 1) }
  for (const headers of [{ dnt: '1' }, { 'sec-gpc': '1' }] as Record<string, string>[]) {
    for (const key of [tenant.site_key, 'pk_unknown']) {
      const { status, body } = await post(batch(key, [event]), headers)
      t.equal(status, 200)
      t.match(body, { accepted: 0, ignored: 1, reason: 'do_not_track', rejected: [] })
    }
  }
  t.strictSame((await superuser.query('select 1 from leadlight.events')).rows, [])
})

t.test('what kind of error it was names nobody either', async (t) => {
  const { post, superuser, tenant } = await startService(t)
  const now = Date.now()
  const properties = { error_type: `jane@example.com ${'x'.repeat(47)}`, message: 'jane@example.com' }
  const failed = { id: uuid7(now), type: 'widget_error', session_id: uuid7(now - 1), properties }
  t.match(await post(batch(tenant.site_key, [failed])), { body: { accepted: 1 } })
  const { rows } = await superuser.query('select properties from leadlight.events')
  t.strictSame(rows, [{ properties: { error_type: `<email> ${'x'.repeat(47)}`, message: '<email>' } }])
})

t.test('a currency is any code of ISO 4217, and nothing else', async (t) => {
  const { post, tenant } = await startService(t)
  const now = Date.now()
  const estimate = (currency: string) => ({
    id: uuid7(now),
    type: 'estimate_generated',
    session_id: uuid7(now - 1),
    properties: { duration_ms: 1, amount: 1, currency },
  })
  const codes = ['EUR', 'USD', 'CLF', 'VED', 'XAU', 'CHW', 'XXX', 'eur', 'ZZZ', '']
  const { body } = await post(batch(tenant.site_key, codes.map(estimate)))
  t.match(
    body.rejected.map(({ index, reason }: { index: number; reason: string }) => [index, reason]),
    [7, 8, 9].map((index) => [index, 'invalid_properties']),
  )
  t.equal(body.accepted, 7)
})

t.test('each refusal of a whole batch has its status, its word and CORS headers', async (t) => {
  const { post, tenant, metrics } = await startService(t)
  const good = batch(tenant.site_key, [])
  const cases: [string, number, string, unknown, Record<string, string>?][] = [
    ['no JSON', 400, 'invalid_json', '{'],
    ['bytes that are no UTF-8', 400, 'invalid_json', Buffer.from([0x22, 0xff, 0x22])],
    ['empty', 400, 'invalid_json', ''],
    ['an array', 400, 'invalid_envelope', []],
    ['no sent_at', 400, 'invalid_envelope', { site_key: tenant.site_key, events: [] }],
    ['a claimed tenant', 400, 'invalid_envelope', { ...good, tenant_id: tenant.tenant_id }],
    ['an unknown key', 401, 'unknown_site_key', { ...good, site_key: 'pk_unknown' }],
    ['a foreign origin', 403, 'origin_not_registered', good, { origin: 'https://evil.example' }],
    ['a null origin', 403, 'origin_not_registered', good, { origin: 'null' }],
    ['101 events', 413, 'too_large', { ...good, events: Array(101).fill(1) }],
    ['65 KiB', 413, 'too_large', ' '.repeat(65_537)],
    ['another content type', 415, 'unsupported_media_type', good, { 'content-type': 'application/xml' }],
    ['compressed', 415, 'unsupported_media_type', good, { 'content-encoding': 'gzip' }],
  ]
  for (const [name, status, code, body, headers] of cases) {
    const answer = await post(body, headers)
    t.match(
      answer,
      { status, body: { status, code }, headers: { 'content-type': /^application\/problem\+json/ } },
      name,
    )
    t.match(
      answer.headers,
      {
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'Retry-After',
        'cross-origin-resource-policy': 'cross-origin',
      },
      `${name}: CORS`,
    )
  }
  t.equal((await post(good, { origin: '' })).status, 403, 'an empty origin is none of ours')

  const { values } = await metrics.problems.get()
  const counted = Object.fromEntries(values.map(({ labels, value }) => [labels.code, value]))
  t.match(counted, {
    invalid_json: 3,
    invalid_envelope: 3,
    unknown_site_key: 1,
    origin_not_registered: 3,
    too_large: 2,
    unsupported_media_type: 2,
    database_unavailable: 0,
  })
  t.strictSame(Object.keys(counted).sort(), Object.keys(problems).sort(), 'the same words, all there from the start')
})

t.test('a preflight is answered for everyone and remembered for two hours', async (t) => {
  const { app } = await startService(t)
  for (const url of ['/api/v1/widget/events', '/v1/traces']) {
    const { statusCode, headers } = await app.inject({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-site-key' },
    })
    t.equal(statusCode, 204)
    t.match(headers, {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type, x-site-key',
      'access-control-max-age': '7200',
    })
    t.notOk(headers['access-control-allow-credentials'])
  }
  const analytics = await app.inject({ method: 'OPTIONS', url: '/api/v1/analytics/summary', headers: { origin } })
  t.notOk(analytics.headers['access-control-allow-origin'], 'analytics are for no other origin')
})

t.test('poison in one event costs no neighbour and is no 500', async (t) => {
  const { post, superuser, tenant } = await startService(t)
  const now = Date.now()
  const session_id = uuid7(now - 1_000)
  const good = () => JSON.stringify({ id: uuid7(now), type: 'widget_opened', session_id })
  const opened = (more: string) => `{"id":"${uuid7(now)}","type":"widget_opened","session_id":"${session_id}",${more}}`
  const poison: [string, string][] = [
    ['unstorable_text', opened('"page":"/a\\u0000b"')],
    ['unstorable_text', opened('"page":"\\ud800"')],
    ['unstorable_text', opened('"extra":{"\\udc00":1}')],
    ['too_large', opened(`"page":"/${'a'.repeat(9_000)}"`)],
    ['too_large', opened(`"extra":${'['.repeat(7_000)}${']'.repeat(7_000)}`)],
    ['invalid_properties', opened('"properties":{"after_ms":1e999}')],
    ['invalid_properties', opened('"properties":{"after_ms":"3"}')],
    ['invalid_properties', opened('"properties":{"__proto__":{"x":1}}')],
    ['invalid_properties', opened('"properties":[]')],
    ['invalid_properties', opened('"properties":null')],
    ['invalid_event', opened('"tenant_id":"x"')],
    ['invalid_event', opened('"trace_id":"00000000000000000000000000000000"')],
  ]
  for (const [reason, event] of poison) {
    const body = `{"site_key":"${tenant.site_key}","sent_at":"${new Date().toISOString()}","events":[${good()},${event},${good()}]}`
    t.match(
      await post(body),
      { status: 200, body: { accepted: 2, rejected: [{ index: 1, reason }] } },
      event.slice(0, 160),
    )
  }
  const escaped = opened('"page":"/a\\\\u0000"')
  t.match(
    (await post(`{"site_key":"${tenant.site_key}","sent_at":"${new Date().toISOString()}","events":[${escaped}]}`))
      .body,
    { accepted: 1 },
  )
  t.match((await superuser.query('select count(*)::int as n from leadlight.events')).rows, [
    { n: poison.length * 2 + 1 },
  ])
})

t.test('losses that a browser reports are counted once', async (t) => {
  const { post, metrics, tenant } = await startService(t)
  const report = batch(tenant.site_key, [], {
    dropped: { report_id: uuid7(Date.now()), counts: { queue_overflow: 3, expired: 1 } },
  })
  t.equal((await post(report)).status, 200)
  t.equal((await post(report)).status, 200)
  const { values } = await metrics.clientDropped.get()
  t.strictSame(
    values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.reason, value]),
    [
      ['queue_overflow', 3],
      ['expired', 1],
    ],
  )
})
