import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { cloneDatabase } from 'stack/test-database'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { addTenant } from '../src/cli/tenants.ts'
import { startProcess } from './process.ts'
import { batch } from './service.ts'
import { converse, eventsHead } from './socket.ts'

t.test('the process becomes ready, answers, and ends with what it holds answered', async (t) => {
  const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
  const db = new pg.Pool({ connectionString: superuserUrl, max: 1 })
  db.on('error', () => {})
  t.teardown(() => db.end())
  const tenant = await addTenant(db, { name: 'Acme', timeZone: 'UTC', origins: [] })
  const { child, url, operations, status } = await startProcess(t, { DATABASE_URL: databaseUrl })
  t.ok(await waitFor(async () => (await status('/readyz')) === 200, { timeoutMs: 20_000 }), 'ready')
  t.equal(await status('/livez'), 200)
  t.match(
    await (await fetch(`${operations}/metrics`)).text(),
    'leadlight_http_requests_total{route="events",outcome="error"} 0',
  )

  const session_id = uuid7(Date.now() - 1_000)
  const answers = Array.from({ length: 30 }, async () => {
    const event = { id: uuid7(Date.now()), type: 'widget_opened', session_id }
    const response = await fetch(`${url}/api/v1/widget/events`, {
      method: 'POST',
      body: JSON.stringify(batch(tenant.site_key, [event])),
    })
    return response.status === 200 ? (await response.json()).accepted : 0
  })
  await Promise.race(answers)
  process.kill(child.pid, 'SIGTERM')
  const settled = await Promise.allSettled(answers)
  t.equal(await child.exited, 'exit code 0')
  const acknowledged = settled.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value : 0), 0)
  const { rows } = await db.query('select count(*)::int as stored from leadlight.events')
  t.ok(acknowledged > 0 && rows[0].stored >= acknowledged, `${acknowledged} acknowledged, ${rows[0].stored} stored`)
})

t.test('told to stop, it is first not ready, then answers whoever is still sending, then ends', async (t) => {
  const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
  const db = new pg.Pool({ connectionString: superuserUrl, max: 1 })
  db.on('error', () => {})
  t.teardown(() => db.end())
  const tenant = await addTenant(db, { name: 'Acme', timeZone: 'UTC', origins: [] })
  const { child, url, status, output } = await startProcess(t, { DATABASE_URL: databaseUrl })
  t.ok(await waitFor(async () => (await status('/readyz')) === 200, { timeoutMs: 20_000 }), 'ready')
  const port = Number(new URL(url).port)
  const body = JSON.stringify(
    batch(tenant.site_key, [{ id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }]),
  )
  const late = await converse(t, port)
  const never = await converse(t, port)
  for (const { send } of [late, never]) send(eventsHead(body.length) + body.slice(0, -1))
  const idle = await converse(t, port)
  idle.send('GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n')
  // both are being received: a third that came after them has been answered
  t.equal((await fetch(`${url}/openapi.json`)).status, 200)

  process.kill(child.pid, 'SIGTERM')
  t.ok(await waitFor(async () => (await status('/readyz')) === 503, { timeoutMs: 5_000 }), 'not ready')
  late.send('}')
  t.match(await late.answered, /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*"accepted":1/i)
  t.match(await idle.answered, /^HTTP\/1\.1 200 /, 'a connection kept alive is closed')
  await t.rejects(fetch(`${url}/openapi.json`), 'nobody new is let in')
  t.match(await never.answered, /^HTTP\/1\.1 503 [\s\S]*retry-after: \d+[\s\S]*"code":"shutting_down"/i)
  t.equal(await child.exited, 'exit code 0', output())
  t.match((await db.query('select count(*)::int as n from leadlight.events')).rows, [{ n: 1 }])
})

t.test('a database that hangs is one that is away: whoever waits is told so', async (t) => {
  const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
  const db = new pg.Pool({ connectionString: superuserUrl, max: 2 })
  db.on('error', () => {})
  t.teardown(() => db.end())
  const tenant = await addTenant(db, { name: 'Acme', timeZone: 'UTC', origins: [] })
  const { url, status } = await startProcess(t, { DATABASE_URL: databaseUrl })
  t.ok(await waitFor(async () => (await status('/readyz')) === 200, { timeoutMs: 20_000 }), 'ready')
  const event = { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }
  const post = async () => {
    const answer = await fetch(`${url}/api/v1/widget/events`, {
      method: 'POST',
      body: JSON.stringify(batch(tenant.site_key, [event])),
    })
    return { status: answer.status, ...(await answer.json()) }
  }
  const blocker = await db.connect()
  await blocker.query('begin')
  await blocker.query('lock table leadlight.events in access exclusive mode')
  const waiting = Array.from({ length: 10 }, post)
  for (const answer of await Promise.all(waiting))
    t.match(answer, { status: 503, code: /database_unavailable|overloaded/ })
  await blocker.query('commit')
  blocker.release()
  t.ok(await waitFor(async () => (await post()).status === 200, { timeoutMs: 10_000 }), 'takes events again')
  t.match((await db.query('select count(*)::int as n from leadlight.events')).rows, [{ n: 1 }])
})

t.test('without its database it refuses politely and comes back by itself', async (t) => {
  const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
  const db = new pg.Pool({ connectionString: superuserUrl, max: 1 })
  t.teardown(() => db.end())
  const tenant = await addTenant(db, { name: 'Acme', timeZone: 'UTC', origins: [] })
  const { url, status } = await startProcess(t, { DATABASE_URL: databaseUrl })
  t.ok(await waitFor(async () => (await status('/readyz')) === 200, { timeoutMs: 20_000 }), 'ready')

  const database = new URL(databaseUrl).pathname.slice(1)
  const admin = new URL(superuserUrl)
  admin.pathname = 'postgres'
  const server = new pg.Pool({ connectionString: admin.href, max: 1 })
  t.teardown(() => server.end())
  const allowConnections = (allowed: boolean) => server.query(`alter database ${database} allow_connections ${allowed}`)
  db.on('error', () => {})
  await allowConnections(false)
  // and waits until they are gone
  await server.query('select pg_terminate_backend(pid, 10_000) from pg_stat_activity where datname = $1', [database])

  const post = () =>
    fetch(`${url}/api/v1/widget/events`, {
      method: 'POST',
      body: JSON.stringify(
        batch(tenant.site_key, [
          { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) },
        ]),
      ),
    })
  // a site key is remembered for 5 s: both the look-up and the commit must fail this way
  for (const moment of ['at once', 'later']) {
    const started = performance.now()
    const answer = await post()
    t.match(
      { status: answer.status, code: (await answer.json()).code },
      { status: 503, code: 'database_unavailable' },
      moment,
    )
    t.ok(answer.headers.get('retry-after'), `${moment}: Retry-After`)
    t.equal(answer.headers.get('access-control-allow-origin'), '*', `${moment}: CORS`)
    t.ok(performance.now() - started < 2_000, `${moment}: within 2 s`)
    if (moment === 'at once') await setTimeout(5_100)
  }
  t.ok(await waitFor(async () => (await status('/readyz')) === 503, { timeoutMs: 5_000 }), 'not ready')
  t.equal(await status('/livez'), 200)
  await allowConnections(true)
  t.ok(await waitFor(async () => (await post()).status === 200, { timeoutMs: 5_000 }), 'takes events again')
})

t.test('settings that are missing or wrong are named', async (t) => {
  const missing = await startProcess(t, { DATABASE_URL: '' })
  t.equal(await missing.child.ended, 'exit code 1')
  t.match(missing.output(), /DATABASE_URL is not set. Set it, for example/)
  const wrong = await startProcess(t, { DATABASE_URL: 'postgres://x', PORT: 'eighty' })
  t.equal(await wrong.child.ended, 'exit code 1')
  t.match(wrong.output(), /PORT is "eighty", which is no port/)
})
