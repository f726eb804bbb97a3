import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { commitRows } from '../src/commit.ts'
import { openPool } from '../src/database.ts'
import { type Committed, createWriter, type Row } from '../src/writer.ts'
import { batch, startService } from './service.ts'

const tenantId = '019abc12-0000-7000-8000-000000000000'

function rowAt(ms: number, more: Partial<Row> = {}): Row {
  return {
    tenantId,
    id: uuid7(ms),
    sessionId: uuid7(ms - 1),
    type: 'widget_opened',
    occurredAt: new Date(ms),
    page: null,
    traceId: null,
    spanId: null,
    widgetVersion: null,
    properties: '{}',
    ...more,
  }
}

/** A commit that ends when told, and what it was given. */
function heldCommit() {
  const groups: Row[][] = []
  const waiting: (() => void)[] = []
  return {
    groups,
    release: () => {
      for (const go of waiting.splice(0)) go()
    },
    commit: (rows: Row[]) => {
      groups.push(rows)
      return new Promise<Committed[]>((done) => waiting.push(() => done(rows.map(() => 'accepted'))))
    },
  }
}

t.test('two groups are under way, what arrives meanwhile is the next', async (t) => {
  const { groups, release, commit } = heldCommit()
  const writer = createWriter(commit)
  const stored = Array.from({ length: 10 }, () => writer.store([rowAt(Date.now()), rowAt(Date.now())]))
  t.strictSame([groups.length, writer.waitingRows], [2, 16])
  release()
  t.strictSame(await stored[0], ['accepted', 'accepted'])
  release()
  await Promise.all(stored)
  t.strictSame(
    groups.map(({ length }) => length),
    [2, 2, 16],
  )
})

t.test('rows and bytes that wait are bounded', async (t) => {
  const { commit, release } = heldCommit()
  // by this clock nobody waits too long
  const writer = createWriter(commit, () => 0)
  const hundred = Array.from({ length: 100 }, () => rowAt(Date.now()))
  const taken = Array.from({ length: 502 }, () => writer.store(hundred))
  await t.rejects(writer.store(hundred), { code: 'overloaded' })
  const large = createWriter(heldCommit().commit)
  const megabytes = Array.from({ length: 100 }, () => rowAt(Date.now(), { properties: 'x'.repeat(80_000) }))
  const results = await Promise.race([
    Promise.all(Array.from({ length: 20 }, () => large.store(megabytes))),
    new Promise((resolve) => setImmediate(resolve)),
  ]).catch((error) => error)
  t.match(results, { code: 'overloaded' }, 'a few large requests reach the bytes')
  const drained = writer.drain()
  const release_ = setInterval(release, 1)
  await Promise.all(taken)
  await drained
  clearInterval(release_)
})

t.test('whoever waited too long is not stored after the others', async (t) => {
  let now = 0
  const { groups, release, commit } = heldCommit()
  const writer = createWriter(commit, () => now)
  const first = [writer.store([rowAt(1)]), writer.store([rowAt(2)])]
  const stale = writer.store([rowAt(3)])
  now = 2_001
  const fresh = writer.store([rowAt(4)])
  release()
  await Promise.all(first)
  await t.rejects(stale, { code: 'overloaded' })
  release()
  t.strictSame(await fresh, ['accepted'])
  t.equal(groups.length, 3)
})

t.test('a group that fails on the data of one row costs its neighbours nothing', async (t) => {
  const { databaseUrl } = await startService(t)
  const pool = openPool(databaseUrl, { role: 'leadlight_ingest', size: 2, statementMs: 30_000, onError: () => {} })
  t.teardown(() => pool.end())
  let commits = 0
  const writer = createWriter(
    (rows) => {
      commits++
      return commitRows(pool, rows)
    },
    () => 0,
  )
  const now = Date.now()
  // the validator lets none of these pass; the writer does not rely on it
  const culprits: Partial<Row>[] = [
    { properties: '{"a":"\\u0000"}' },
    { page: 'a\u0000b' },
    { properties: '{"a":1e131073}' },
    { traceId: 'no' },
    { type: 'unknown' as Row['type'] },
  ]
  for (const culprit of culprits) {
    const requests = Array.from({ length: 30 }, (_, i) => [
      rowAt(now),
      i === 17 ? rowAt(now, culprit) : rowAt(now),
      rowAt(now, { page: '/"\\{},NULL' }),
    ])
    const outcomes = await Promise.all(requests.map((rows) => writer.store(rows)))
    t.strictSame(
      outcomes,
      requests.map((_, i) => ['accepted', i === 17 ? 'unstorable' : 'accepted', 'accepted']),
      JSON.stringify(culprit),
    )
  }
  t.ok(commits < culprits.length * 20, `found in ${commits} statements`)
})

t.test('a day without its partition is our fault: come again, and the other days are stored', async (t) => {
  const { post, owner, superuser, tenant } = await startService(t)
  const now = Date.now()
  const day = 86_400_000
  const name = `events_${new Date(now - 3 * day).toISOString().slice(0, 10).replaceAll('-', '')}`
  await owner.query(`drop table leadlight.${name}`)
  const event = (ms: number) => ({ id: uuid7(ms), type: 'widget_opened', session_id: uuid7(ms - 1) })
  const refused = await post(batch(tenant.site_key, [event(now), event(now - 3 * day)]))
  t.match(refused, { status: 503, body: { code: 'database_unavailable' }, headers: { 'retry-after': /\d/ } })
  t.match((await superuser.query('select count(*)::int as n from leadlight.events')).rows, [{ n: 1 }])
})
