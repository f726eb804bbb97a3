import { Writable } from 'node:stream'
import pg from 'pg'
import { payloads } from 'stack/payloads'
import { cloneDatabase } from 'stack/test-database'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { createLogger } from '../src/log.ts'
import { batch, startService } from './service.ts'
import { converse } from './socket.ts'

function catchLines() {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(`${chunk}`)
      done()
    },
  })
  return { lines, destination }
}

t.test('nothing that a visitor or a tenant sent is in the log, at any level', async (t) => {
  const { lines, destination } = catchLines()
  const { app, post, superuser, tenant } = await startService(t, { logger: createLogger('trace', destination) })
  const secret = 'planted-secret'
  const headers = {
    'user-agent': secret,
    'x-forwarded-for': '203.0.113.77',
    cookie: `leadlight_token=${secret}`,
    referer: `https://acme.example/${secret}`,
    'x-site-key': secret,
  }
  const event = {
    id: uuid7(Date.now()),
    type: 'widget_opened',
    session_id: uuid7(Date.now() - 1_000),
    page: `/${secret}`,
  }
  const bodies = [
    batch(tenant.site_key, [event, { secret }, secret]),
    batch(secret, [event]),
    `{"${secret}`,
    { [secret]: secret },
    batch(tenant.site_key, [event], { [`tenant_${secret}`]: 1 }),
  ]
  for (const body of bodies) await post(body, headers)
  await post(batch(tenant.site_key, [event]), { ...headers, origin: `https://${secret}.example` })
  await post(batch(tenant.site_key, [event]), { ...headers, 'content-encoding': secret })
  const asked = [
    `/api/v1/analytics/summary?from=${secret}`,
    `/api/v1/analytics/leads/${secret}/journey`,
    `/${secret}?${secret}`,
    `/portal/${secret}`,
  ]
  for (const url of asked) await app.inject({ url, headers: { ...headers, authorization: `Bearer ${secret}` } })
  await app.inject({
    method: 'POST',
    url: '/v1/traces',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: `{"${secret}":`,
  })
  await app.inject({
    method: 'POST',
    url: '/v1/traces',
    headers: { ...headers, 'x-site-key': tenant.site_key, 'content-type': 'application/json' },
    payload: '{}',
  })
  // and what the database says when it fails
  await superuser.query('drop table leadlight.sessions cascade')
  t.equal((await post(batch(tenant.site_key, [event]), headers)).status, 503)
  await superuser.query('drop table leadlight.read_tokens cascade')
  await app.inject({ url: '/api/v1/analytics/summary', headers: { authorization: `Bearer ${secret}` } })

  t.ok(lines.length > 10, `${lines.length} lines`)
  for (const line of lines) t.type(JSON.parse(line).level, 'number')
  const log = lines.join('')
  t.match(log, /"code":"database_unavailable"/, 'it says what failed')
  t.match(log, /"code":"unknown_site_key"/, 'and, when asked for details, what was refused')
  for (const leak of [secret, '203.0.113', tenant.site_key, tenant.read_token])
    t.notOk(log.includes(leak), `no ${leak}`)
})

t.test("an error's line names what failed, without the values that PostgreSQL quotes", async (t) => {
  const { lines, destination } = catchLines()
  const logger = createLogger('info', destination)
  const { superuserUrl } = await cloneDatabase(t)
  const db = new pg.Client(superuserUrl)
  await db.connect()
  t.teardown(() => db.end())
  const statements = [
    "select 'planted-secret'::uuid",
    `select '{"planted-secret":'::jsonb`,
    "insert into leadlight.tenants (name, time_zone) values ('planted-secret', null)",
    "do $$ begin insert into leadlight.origins values ('019abc12-0000-7000-8000-000000000000', 'planted-secret'); end $$",
  ]
  for (const statement of statements) await db.query(statement).catch((err) => logger.error({ err }, 'failed'))
  await db.query('select 1 from nothing').catch((err) => logger.error({ err }, 'failed'))
  logger.error({ err: new TypeError('ours') }, 'failed')
  t.notMatch(lines.join(''), 'planted-secret')
  t.strictSame(
    lines
      .map((line) => JSON.parse(line).err)
      .map(({ type, code, constraint, message }) => ({ type, code, constraint, message })),
    [
      { type: 'DatabaseError', code: '22P02', constraint: undefined, message: undefined },
      { type: 'DatabaseError', code: '22P02', constraint: undefined, message: undefined },
      { type: 'DatabaseError', code: '23502', constraint: undefined, message: undefined },
      { type: 'DatabaseError', code: '23503', constraint: 'origins_tenant_id_fkey', message: undefined },
      { type: 'DatabaseError', code: '42P01', constraint: undefined, message: 'relation "nothing" does not exist' },
      { type: 'TypeError', code: undefined, constraint: undefined, message: 'ours' },
    ],
  )
})

t.test('no header, path, key or body breaks a line of the log or forges one', async (t) => {
  const { lines, destination } = catchLines()
  const logger = createLogger('trace', destination)
  const { app, post, tenant } = await startService(t, { logger })
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const event = { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }
  for (const payload of payloads) {
    const path = encodeURIComponent(payload)
    const bodies = [
      payload,
      batch(payload, [event]),
      batch(tenant.site_key, [payload, { ...event, [payload]: payload }]),
    ]
    for (const body of bodies) await post(body)
    const headers = { authorization: `Bearer ${path}`, cookie: `leadlight_token=${path}` }
    for (const url of [`/${path}?${path}`, `/api/v1/analytics/summary?page=${path}`, `/portal/${path}`])
      await app.inject({ url, headers })
    // as it is, which no HTTP client would send
    const { send, answered, socket } = await converse(t, Number(port))
    send(
      `GET /${payload} HTTP/1.1\r\nhost: x\r\nuser-agent: ${payload}\r\n${payload}: ${payload}\r\nconnection: close\r\n\r\n`,
    )
    socket.end()
    await answered
    logger.error({ err: new Error(payload), [payload]: payload }, payload)
  }
  t.ok(lines.length > 3 * payloads.length, `${lines.length} lines`)
  for (const line of lines) {
    t.match(line, /^\{.*\}\n$/)
    t.not(JSON.parse(line).level, 60, 'none is forged')
  }
  t.strictSame(
    lines.filter((line) => /(?!\n$)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line)).slice(0, 5),
    [],
    'and no terminal takes it for a command',
  )
})
