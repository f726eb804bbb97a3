import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { startService } from './service.ts'

t.test('a token is exchanged for a cookie that scripts cannot read, and the cookie opens the analytics', async (t) => {
  const { app, tenant } = await startService(t)
  const signIn = (token: string) => app.inject({ method: 'POST', url: '/portal/session', payload: { token } })
  const { statusCode, headers } = await signIn(tenant.read_token)
  t.equal(statusCode, 204)
  const cookie = String(headers['set-cookie'])
  t.match(cookie, /HttpOnly/)
  t.match(cookie, /SameSite=Strict/)
  t.notMatch(cookie, /Secure/, 'plain http here')
  const answer = await app.inject({ url: '/api/v1/analytics/summary', headers: { cookie: cookie.split(';')[0]! } })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.match(await signIn('rt_wrong'), {
    statusCode: 401,
    body: /invalid_token/,
    headers: { 'www-authenticate': 'Bearer' },
  })
  t.match(await app.inject({ method: 'DELETE', url: '/portal/session' }), {
    statusCode: 204,
    headers: { 'set-cookie': /leadlight_token=;/ },
  })
})

t.test('whoever tries many tokens is told to wait', async (t) => {
  const now = Date.now()
  const { app } = await startService(t, { now: () => now, limits: { addressRequestsPerMinute: 2 } })
  const tryToken = (token: string) => app.inject({ method: 'POST', url: '/portal/session', payload: { token } })
  for (const token of ['rt_1', 'rt_2']) t.equal((await tryToken(token)).statusCode, 401)
  t.match(await tryToken('rt_3'), { statusCode: 429, headers: { 'retry-after': /^\d+$/ } })
})

t.test('the page comes with a policy that lets nothing foreign in', async (t) => {
  const { app } = await startService(t)
  t.match(await app.inject('/portal/'), {
    statusCode: 200,
    body: '<p>portal</p>',
    headers: {
      'content-security-policy': /^default-src 'none'; script-src 'self';.*require-trusted-types-for 'script'/,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
})

t.test('the script is cached shortly and open to every page', async (t) => {
  const { app } = await startService(t)
  t.match(await app.inject('/widget.js'), {
    statusCode: 200,
    headers: {
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'content-type': /javascript/,
    },
  })
})

t.test('the script comes compressed where the browser takes it so', async (t) => {
  const { app } = await startService(t)
  const compressed = await app.inject({ url: '/widget.js', headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } })
  t.match(compressed.headers, {
    'content-encoding': 'gzip',
    'content-type': /javascript/,
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
    vary: /accept-encoding/i,
  })
  t.equal(String(gunzipSync(compressed.rawPayload)), '//')
  const plain = await app.inject('/widget.js')
  t.notOk(plain.headers['content-encoding'])
  t.equal(plain.body, '//')
})

t.test('every answer below /widget is open to every page, a refusal too', async (t) => {
  const { app } = await startService(t)
  const headers = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Retry-After',
    'cross-origin-resource-policy': 'cross-origin',
  }
  t.match(await app.inject('/widget.js'), { statusCode: 200, headers })
  t.match(await app.inject('/widget-9.9.9.js'), { statusCode: 404, headers })
  t.match(await app.inject({ method: 'POST', url: '/widget.js' }), { statusCode: 404, headers })
  for (const url of ['/widget.js', '/widget-9.9.9.js']) {
    t.match(await app.inject({ method: 'OPTIONS', url }), {
      statusCode: 204,
      headers: {
        ...headers,
        'access-control-allow-headers': 'content-type, x-site-key',
        'access-control-max-age': '7200',
      },
    })
  }
  const { headers: elsewhere } = await app.inject({ method: 'OPTIONS', url: '/portal/' })
  t.notOk(elsewhere['access-control-allow-origin'])
})

t.test('the OpenAPI document names every public route', async (t) => {
  const { app } = await startService(t)
  const { paths } = JSON.parse((await app.inject('/openapi.json')).body)
  t.strictSame(Object.keys(paths).sort(), [
    '/api/v1/analytics/breakdown',
    '/api/v1/analytics/funnel',
    '/api/v1/analytics/install',
    '/api/v1/analytics/leads',
    '/api/v1/analytics/leads/{event_id}/journey',
    '/api/v1/analytics/performance',
    '/api/v1/analytics/series',
    '/api/v1/analytics/summary',
    '/api/v1/widget/events',
    '/openapi.json',
    '/portal/',
    '/portal/session',
    '/portal/shares',
    '/portal/shares/{share_id}',
    '/v1/traces',
    '/widget.js',
  ])
})
