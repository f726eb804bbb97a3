import t from 'tap'
import { buildAlertReceiver } from '../src/alert-receiver.ts'
import { buildBundles } from './bundles.ts'
import { alert, webhook } from './webhook.ts'

const bundles = await buildBundles(t)

async function open(t: { teardown: (end: () => unknown) => void }) {
  const app = await buildAlertReceiver({ bundles })
  t.teardown(() => app.close())
  return { app, post: (url: string, payload: object) => app.inject({ method: 'POST', url, payload }) }
}

t.test('each box keeps what was sent to it, newest first', async (t) => {
  const { app, post } = await open(t)
  t.equal((await post('/on-call', webhook(alert('IngestDown')))).statusCode, 204)
  await post('/tickets', webhook(alert('A'), alert('B')))
  t.match((await app.inject('/on-call')).json(), [
    { status: 'firing', labels: { alertname: 'IngestDown' }, fingerprint: 'IngestDown' },
  ])
  t.same(
    (await app.inject('/tickets')).json().map(({ fingerprint }: { fingerprint: string }) => fingerprint),
    ['B', 'A'],
  )
  t.same(Object.keys((await app.inject('/on-call')).json()[0]).sort(), [
    'annotations',
    'endsAt',
    'fingerprint',
    'labels',
    'receivedAt',
    'startsAt',
    'status',
  ])
})

t.test('a repeated alert is one alert, and a resolved one is marked', async (t) => {
  const { app, post } = await open(t)
  await post('/on-call', webhook(alert('IngestDown')))
  await post('/on-call', webhook(alert('IngestDown')))
  await post('/on-call', webhook({ ...alert('IngestDown'), status: 'resolved' }))
  await post('/on-call', webhook({ ...alert('IngestDown'), startsAt: '2026-11-24T10:00:00Z' }))
  t.match((await app.inject('/on-call')).json(), [{ status: 'firing' }, { status: 'resolved' }])
})

t.test('an alert that began anew is over as it was before', async (t) => {
  const { app, post } = await open(t)
  const anew = '2026-11-24T10:00:00.500Z'
  await post('/tickets', webhook(alert('A'), alert('B')))
  await post('/tickets', webhook({ ...alert('A'), startsAt: anew }))
  t.match((await app.inject('/tickets')).json(), [
    { fingerprint: 'A', status: 'firing', startsAt: anew },
    { fingerprint: 'B', status: 'firing' },
    { fingerprint: 'A', status: 'resolved', endsAt: anew },
  ])
})

t.test('a box holds 200 alerts and cuts endless words', async (t) => {
  const { app, post } = await open(t)
  await post('/tickets', webhook(...Array.from({ length: 250 }, (_, index) => alert(`A${index}`))))
  await post('/tickets', webhook({ ...alert('Long'), annotations: { summary: 'x'.repeat(100_000) } }))
  const kept = (await app.inject('/tickets')).json()
  t.equal(kept.length, 200)
  t.equal(kept[0].annotations.summary.length, 2_000)
  t.equal(kept.at(-1).fingerprint, 'A51')
})

t.test('what is no webhook is refused', async (t) => {
  const { app, post } = await open(t)
  for (const payload of [
    {},
    { version: '3', alerts: [] },
    webhook({ ...alert('A'), status: 'odd' }),
    { version: '4', alerts: [{}] },
  ]) {
    t.equal((await post('/on-call', payload)).statusCode, 400)
  }
  t.equal(
    (await post('/on-call', webhook({ ...alert('A'), annotations: { summary: 'x'.repeat(1_100_000) } }))).statusCode,
    413,
  )
  t.same((await app.inject('/on-call')).json(), [])
})

t.test('the watchdog beats, and fills no box', async (t) => {
  const { app, post } = await open(t)
  t.same((await app.inject('/watchdog')).json(), { heartbeatAt: null })
  const before = Date.now()
  await post('/watchdog', webhook(alert('Watchdog')))
  t.ok(Date.parse((await app.inject('/watchdog')).json().heartbeatAt) >= before)
  t.same((await app.inject('/on-call')).json(), [])
})

t.test('the page runs nothing but its own script', async (t) => {
  const { app } = await open(t)
  t.equal((await app.inject('/health')).statusCode, 200)
  const { headers, body } = await app.inject('/')
  t.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self'; style-src 'self';/)
  t.notMatch(body, /<script(?![^>]*src=)/)
})
