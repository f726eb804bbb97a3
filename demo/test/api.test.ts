import t from 'tap'
import { buildApp } from '../src/app.ts'
import { buildBundles } from './bundles.ts'

const site = { ingestUrl: 'https://telemetry.example/', siteKey: 'pk_"<test>', bundles: await buildBundles(t) }

async function open(t: { teardown: (end: () => unknown) => void }, more = {}) {
  const app = await buildApp({ ...site, ...more })
  t.teardown(() => app.close())
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload })
  return { app, post }
}

t.test('a visit goes from message to estimate to lead to quote', async (t) => {
  const { app, post } = await open(t)
  t.match((await app.inject('/api/config')).json(), { greeting: { next: 'service' }, broken_widget: false })
  t.match((await post('/api/messages', { asked: 'service', text: 'new roof' })).json(), { next: 'size' })
  const job = { service: 'roof-replacement', square_feet: 2_000, material: 'metal' }
  t.match((await post('/api/estimate', job)).json(), { amount: 16_000, low: 14_100, high: 17_900, currency: 'USD' })
  const lead = await post('/api/leads', { phone: '(303) 555-0142' })
  t.equal(lead.statusCode, 201)
  const quote = { lead_id: lead.json().lead_id, service: 'roof-replacement', amount: 16_000 }
  t.equal((await post('/api/quotes', quote)).statusCode, 201)
})

t.test('bodies that are not what the widget sends are refused', async (t) => {
  const { post } = await open(t)
  const refused = [
    ['/api/messages', { asked: 'service', text: '' }],
    ['/api/messages', { asked: 'budget', text: 'low' }],
    ['/api/estimate', { service: 'gutters', square_feet: '2000', material: 'metal' }],
    ['/api/leads', { email: 'nobody' }],
    ['/api/leads', { email: 'a@example.com', name: 'Ann' }],
    ['/api/leads', {}],
    ['/switches', { slow_api: 'yes' }],
    ['/switches', { on_fire: true }],
  ] as const
  for (const [url, payload] of refused)
    t.equal((await post(url, payload)).statusCode, 400, `${url} ${JSON.stringify(payload)}`)
  const unknown = { lead_id: '2f1c1d0e-8a54-4b5e-9a51-3c9f8a4f6f11', service: 'gutters', amount: 1 }
  t.equal((await post('/api/quotes', unknown)).statusCode, 404)
})

t.test('a pressed switch breaks the API until it is pressed again', async (t) => {
  const { app, post } = await open(t)
  t.same((await post('/switches', { failing_api: true })).json(), {
    slow_api: false,
    failing_api: true,
    broken_widget: false,
  })
  t.equal((await app.inject('/api/config')).statusCode, 500)
  t.equal((await app.inject('/health')).statusCode, 200, 'only the API fails')
  t.equal((await post('/switches', { failing_api: false })).statusCode, 200)
  t.equal((await app.inject('/api/config')).statusCode, 200)

  await post('/switches', { broken_widget: true })
  t.match((await app.inject('/api/config')).json(), { broken_widget: true })
})

t.test('a slow API answers two seconds later', async (t) => {
  const { app, post } = await open(t)
  await post('/switches', { slow_api: true })
  const startedMs = performance.now()
  t.equal((await app.inject('/api/config')).statusCode, 200)
  t.ok(performance.now() - startedMs >= 1_990)
})

t.test('pages carry the site key as data and a policy that lets telemetry out, and no inline script', async (t) => {
  const { app } = await open(t, { portalUrl: 'http://portal.example/#token=rt_1&x="' })
  for (const url of ['/', '/pricing']) {
    const { headers, body } = await app.inject(url)
    t.match(headers['content-security-policy'], /script-src 'self'; .*connect-src 'self' https:\/\/telemetry\.example;/)
    t.match(body, 'data-site-key="pk_&quot;&lt;test>" data-ingest-url="https://telemetry.example/"')
    t.match(body, 'href="http://portal.example/#token=rt_1&amp;x=&quot;"')
    t.notMatch(body, /<script(?![^>]*src=)/)
    t.notMatch(body, /\{\{/)
  }
})

t.test('without bundles the process does not start and says what to do', async (t) => {
  await t.rejects(buildApp({ ...site, bundles: '/nowhere' }), { message: /is missing. Run: npm run build/ })
})
