import { maxLiveShareLinks } from 'contract/portal'
import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { rotateToken } from '../src/cli/tenants.ts'
import { batch, type Service, startService } from './service.ts'

const call = async (
  { app }: Service,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  token?: string,
  payload?: object,
) => {
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const response = await app.inject({ method, url, headers, payload })
  return { status: response.statusCode, text: response.body, body: response.body ? JSON.parse(response.body) : null }
}

async function share(service: Service, options: object = { days: 7 }) {
  const { status, body } = await call(service, 'POST', '/portal/shares', service.tenant.read_token, options)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { ...body, token: body.share_url.split('#token=')[1] } as { share_id: string; token: string; label: string }
}

const numbers = ['summary', 'funnel', 'series', 'performance', 'breakdown?by=device'].map(
  (path) => `/api/v1/analytics/${path}`,
)

t.test('a share link shows the numbers until it is withdrawn, and nobody in them', async (t) => {
  const service = await startService(t)
  const { post, tenant, app } = service
  const lead = {
    id: uuid7(Date.now() - 1_000),
    type: 'lead_captured',
    session_id: uuid7(Date.now() - 2_000),
    properties: { contact: 'phone' },
  }
  await post(batch(tenant.site_key, [lead]))
  const { share_id, token, label } = await share(service, { days: 7, label: ' For the office ' })
  t.match(token, /^sl_/)
  t.equal(label, 'For the office')
  t.match((await call(service, 'GET', '/portal/session', token)).body, { shared_until: /^\d{4}-/ })
  for (const path of numbers) t.equal((await call(service, 'GET', path, token)).status, 200, path)
  for (const [method, path] of [
    ['GET', '/api/v1/analytics/leads'],
    ['GET', `/api/v1/analytics/leads/${lead.id}/journey`],
    ['GET', '/api/v1/analytics/install'],
    ['GET', '/portal/shares'],
    ['POST', '/portal/shares'],
    ['DELETE', `/portal/shares/${share_id}`],
  ] as const) {
    const { status, body } = await call(service, method, path, token, method === 'POST' ? { days: 1 } : undefined)
    t.match({ status, code: body.code }, { status: 403, code: 'not_shared' }, `${method} ${path}`)
  }
  const signedIn = await app.inject({ method: 'POST', url: '/portal/session', payload: { token } })
  t.match(String(signedIn.headers['set-cookie']), /Max-Age=60\d{4};.*HttpOnly/, 'the cookie ends with the link')

  t.equal((await call(service, 'DELETE', `/portal/shares/${share_id}`, tenant.read_token)).status, 204)
  for (const path of numbers) t.equal((await call(service, 'GET', path, token)).status, 401, `${path}, withdrawn`)
  t.equal((await app.inject({ method: 'POST', url: '/portal/session', payload: { token } })).statusCode, 401)
  t.equal((await call(service, 'DELETE', `/portal/shares/${share_id}`, tenant.read_token)).status, 404)
})

t.test('a share link that has ended opens nothing and is listed no more', async (t) => {
  const service = await startService(t)
  const { owner, tenant } = service
  const { token } = await share(service)
  t.equal((await call(service, 'GET', numbers[0]!, token)).status, 200)
  await owner.query("update leadlight.share_links set expires_at = now() - interval '1 second'")
  t.match(await call(service, 'GET', numbers[0]!, token), { status: 401, body: { code: 'invalid_token' } })
  t.match(await call(service, 'GET', '/portal/session', token), { status: 401 })
  t.strictSame((await call(service, 'GET', '/portal/shares', tenant.read_token)).body, { shares: [] })
})

t.test('of a share token only the hash is stored', async (t) => {
  const service = await startService(t)
  const { token } = await share(service)
  const { rows } = await service.superuser.query('select * from leadlight.share_links')
  t.equal(rows.length, 1)
  t.notMatch(
    JSON.stringify(rows, (_, value) => (value?.type === 'Buffer' ? String(value.data) : value)),
    token,
  )
})

t.test("a tenant neither sees nor ends another's links", async (t) => {
  const service = await startService(t)
  const { other } = service
  const { share_id, token } = await share(service)
  t.strictSame((await call(service, 'GET', '/portal/shares', other.read_token)).body, { shares: [] })
  t.equal((await call(service, 'DELETE', `/portal/shares/${share_id}`, other.read_token)).status, 404)
  const { body } = await call(service, 'GET', numbers[0]!, token)
  t.equal(body.tenant.name, 'Acme')
})

t.test('links are few, short-lived, and end with the token that could have made them', async (t) => {
  const service = await startService(t)
  const { tenant, owner } = service
  for (const payload of [{ days: 0 }, { days: 91 }, { days: 1.5 }, {}, { days: 1, label: 'x'.repeat(101) }]) {
    const { status } = await call(service, 'POST', '/portal/shares', tenant.read_token, payload)
    t.equal(status, 400, JSON.stringify(payload))
  }
  const first = await share(service)
  for (let i = 1; i < maxLiveShareLinks; i++) await share(service)
  t.match(await call(service, 'POST', '/portal/shares', tenant.read_token, { days: 1 }), {
    status: 409,
    body: { code: 'too_many_share_links' },
  })
  await rotateToken(owner, tenant.tenant_id, 0)
  t.equal((await call(service, 'GET', numbers[0]!, first.token)).status, 401)
})

t.test('a disabled tenant shares nothing', async (t) => {
  const service = await startService(t)
  const { token } = await share(service)
  await service.owner.query('update leadlight.tenants set disabled_at = now() where tenant_id = $1', [
    service.tenant.tenant_id,
  ])
  t.equal((await call(service, 'GET', numbers[0]!, token)).status, 401)
})

t.test('without a token, or with a made-up one, every route of the contractor says so and nothing else', async (t) => {
  const service = await startService(t)
  const { paths } = (await call(service, 'GET', '/openapi.json')).body as { paths: Record<string, object> }
  const open = ['/api/v1/widget/events', '/v1/traces', '/widget.js', '/portal/', '/openapi.json']
  const routes = Object.entries(paths)
    .filter(([path]) => !open.includes(path))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => [method.toUpperCase(), path] as const))
    .filter(([method, path]) => !(path === '/portal/session' && method !== 'GET'))
  t.ok(routes.length >= 12)
  for (const [method, path] of routes) {
    const url = path.replace(/\{\w+\}/, uuid7(Date.now())).replace('breakdown', 'breakdown?by=page')
    const payload = method === 'POST' ? { days: 1 } : undefined
    for (const token of [undefined, 'rt_made-up', 'sl_made-up', service.tenant.site_key]) {
      const { status, text } = await call(service, method as 'GET', url, token, payload)
      t.equal(status, 401, `${method} ${path} ${token}`)
      t.notMatch(text, /Acme|Bolt/)
    }
  }
})
