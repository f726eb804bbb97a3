import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { watchAddresses } from '../src/addresses.ts'
import { createBucket } from '../src/bucket.ts'
import { createLimits, networkOf } from '../src/limits.ts'
import { batch, startService } from './service.ts'

const none = { addressRequestsPerMinute: 0, keyEventsPerSecond: 0, tenantEventsPerDay: 0, keySpanBytesPerSecond: 0 }

t.test('a bucket gives its burst, then what flows in', async (t) => {
  let now = 0
  const bucket = createBucket(10, 100, () => now)
  t.equal(bucket.take('a', 100), 0)
  t.equal(bucket.take('a', 1), 100, '100 ms until one is there')
  t.equal(bucket.take('b', 100), 0, 'a neighbour has its own')
  now = 1_000
  t.equal(bucket.take('a', 10), 0)
  t.equal(bucket.take('a', 10), 1_000)
  now = 60_000
  t.equal(bucket.take('a', 150), 0, 'more than a burst passes on a full bucket')
  t.equal(bucket.take('a', 1), 5_100, 'and is paid for')
  t.equal(createBucket(0, 0, () => 0).take('a', 1e9), 0, '0 is no limit')
})

t.test('an IPv6 customer is one /64, however many addresses it walks through', async (t) => {
  t.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  t.equal(networkOf('2001:db8:1:2::9'), '2001:db8:1:2::/64')
  t.equal(networkOf('2001:0db8::1'), '2001:db8:0:0::/64')
  t.equal(networkOf('::1'), '0:0:0:0::/64')
  t.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7')
  t.equal(networkOf('192.0.2.7'), '192.0.2.7')
})

t.test("the last tenth of a tenant's day is kept for leads, and a new day is a new count", async (t) => {
  let now = Date.parse('2026-11-23T23:00:00Z')
  const limits = createLimits({ ...none, tenantEventsPerDay: 100 }, () => now)
  limits.admitEvents('key', 'acme', 90, false)
  t.throws(() => limits.admitEvents('key', 'acme', 1, false), { code: 'rate_limited', retryAfterSeconds: 3_600 })
  limits.admitEvents('key', 'acme', 10, true)
  t.throws(() => limits.admitEvents('key', 'acme', 1, true), { code: 'rate_limited' })
  limits.admitEvents('key', 'bolt', 90, false)
  now += 3_600_000
  limits.admitEvents('key', 'acme', 90, false)
})

t.test('a batch over a limit is refused whole, with the time to come again', async (t) => {
  const now = Date.now()
  // a clock that stands: nothing flows in meanwhile
  const { post, superuser, tenant } = await startService(t, {
    now: () => now,
    limits: { addressRequestsPerMinute: 3, keyEventsPerSecond: 1 },
  })
  const session_id = uuid7(now - 1_000)
  const events = (count: number) =>
    Array.from({ length: count }, () => ({ id: uuid7(now), type: 'widget_opened', session_id }))
  t.equal((await post(batch(tenant.site_key, events(10)))).status, 200)
  const refused = await post(batch(tenant.site_key, events(5)))
  t.match(refused, {
    status: 429,
    body: { code: 'rate_limited', detail: /site key/ },
    headers: { 'retry-after': /^[1-5]$/ },
  })
  t.equal((await post(batch(tenant.site_key, []))).status, 200)
  t.match(await post(batch(tenant.site_key, [])), { status: 429, body: { detail: /address/ } })
  t.match((await superuser.query('select count(*)::int as n from leadlight.events')).rows, [{ n: 10 }])
})

t.test('a crawler is taken and not stored, a browser driven by a program is', async (t) => {
  const { post, superuser, tenant } = await startService(t)
  const event = () => ({ id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) })
  const as = (userAgent: string) => post(batch(tenant.site_key, [event()]), { 'user-agent': userAgent })
  t.match((await as('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')).body, {
    accepted: 0,
    ignored: 1,
    reason: 'bot',
  })
  t.match((await as('Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/153.0.0.0 Safari/537.36')).body, {
    accepted: 1,
  })
  t.match((await as('curl/8.5.0')).body, { accepted: 1 })
  t.match((await superuser.query('select count(*)::int as n from leadlight.events')).rows, [{ n: 2 }])
})

t.test('an hour in which all have one address is suspicious, once', async (t) => {
  let now = 0
  let suspected = 0
  const see = watchAddresses(
    () => suspected++,
    () => now,
  )
  const hour = (addresses: string[]) => {
    now += 3_600_000
    for (let i = 0; i < 2_000; i++) see(addresses[i % addresses.length]!)
    return suspected
  }
  t.equal(hour(['192.0.2.1', '192.0.2.2']), 0)
  t.equal(hour(['10.0.0.1']), 1)
  t.equal(hour(['2001:db8::1', '2001:db8::2']), 2, 'a /64 is one')
  now += 3_600_000
  for (let i = 0; i < 999; i++) see('10.0.0.1')
  t.equal(suspected, 2, 'few requests say nothing')
})
