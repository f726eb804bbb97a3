import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { openPool } from '../src/database.ts'
import { deleteTenant, eraseSession } from '../src/erasure.ts'
import { excerptOf } from '../src/excerpt.ts'
import { runRetention } from '../src/maintenance.ts'
import { listRejects, maxRejects } from '../src/rejects.ts'
import { leadlight } from './program.ts'
import { batch, startService } from './service.ts'

const day = 86_400_000

t.test('an excerpt shows what is wrong and nothing that somebody wrote', async (t) => {
  const event = {
    id: '019abc12-0000-7000-8000-000000000000',
    type: 'lead_captured',
    page: '/quote/jane@doe.example?name=jane',
    properties: {
      contact: 'Jane Doe',
      phone: 436641234567,
      'jane@doe.example': true,
      position: 7,
      message: 'my number is 0664 1234567',
      more: { name: 'Jane', list: ['Jane', 3] },
    },
  }
  const excerpt = excerptOf(event)
  t.strictSame(JSON.parse(excerpt), {
    id: '019abc12-0000-7000-8000-000000000000',
    type: 'lead_captured',
    page: '/quote/<email>',
    properties: {
      contact: '<8 characters>',
      phone: '<number>',
      '<16 characters>': true,
      position: 7,
      message: '<25 characters>',
      more: { name: '<4 characters>', list: '<2 values>' },
    },
  })
  t.notMatch(excerpt, /jane|doe|0664|4366/i)
  for (const odd of [null, 7, 'Jane', [], undefined, JSON.parse(`${'['.repeat(9_000)}${']'.repeat(9_000)}`)])
    t.notMatch(excerptOf(odd), /Jane/)
  t.ok(
    excerptOf(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`field_${i}`.repeat(6), i]))).length <= 1_024,
  )
})

t.test('what was refused can be looked up for a week, once for each event however often it came', async (t) => {
  const { post, rejects, owner, metrics, databaseUrl, tenant, other } = await startService(t)
  const now = Date.now()
  const session_id = uuid7(now - 1_000)
  const lead = { id: uuid7(now), type: 'lead_captured', session_id, properties: { contact: 'fax' } }
  for (let times = 0; times < 3; times++) await post(batch(tenant.site_key, [lead]))
  await post(batch(tenant.site_key, [7]))
  await rejects.flush()
  const kept = await listRejects(owner, tenant.tenant_id)
  t.match(
    kept.map(({ reason, times, session_id }) => ({ reason, times, session_id })).sort((a, b) => a.times - b.times),
    [
      { reason: 'invalid_event', times: 1, session_id: null },
      { reason: 'invalid_properties', times: 3, session_id },
    ],
  )
  t.strictSame(await listRejects(owner, other.tenant_id), [])
  const { values } = await metrics.rejected.get()
  t.strictSame(
    values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.reason, labels.tenant_class, value]),
    [
      ['invalid_event', 'ordinary', 1],
      ['invalid_properties', 'ordinary', 3],
    ],
  )
  const run = (...args: string[]) => leadlight({ DATABASE_URL: databaseUrl }, 'rejects', ...args)
  t.match(run(tenant.tenant_id).stdout, /invalid_properties {2}3x {2}properties.contact must be .*email.*\n {2}\{"id":/)
  t.equal(JSON.parse(run(tenant.tenant_id, '--json').stdout).length, 2)
  t.match(run(other.tenant_id).stdout, 'Nothing of Bolt was refused')
  t.match(run('019abc12-0000-7000-8000-000000000000'), { status: 1, stderr: /There is no tenant/ })

  await runRetention(owner, new Date(now + 6 * day))
  t.equal((await listRejects(owner, tenant.tenant_id)).length, 2)
  await runRetention(owner, new Date(now + 7 * day + 60_000))
  t.strictSame(await listRejects(owner, tenant.tenant_id), [])
})

t.test('erasure takes what was refused along, and keeps late ones out', async (t) => {
  const { post, rejects, owner, databaseUrl, tenant, other } = await startService(t)
  const eraser = openPool(databaseUrl, { role: 'leadlight_eraser', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => eraser.end())
  const now = Date.now()
  const session_id = uuid7(now - 1_000)
  const refused = (more: object) => ({ id: uuid7(now), type: 'message_sent', session_id, ...more })
  await post(batch(tenant.site_key, [refused({}), refused({ session_id: uuid7(now - 1_000) })]))
  await post(batch(other.site_key, [refused({})]))
  await rejects.flush()
  await eraseSession(eraser, tenant.tenant_id, session_id)
  t.equal((await listRejects(owner, tenant.tenant_id)).length, 1)
  await post(batch(tenant.site_key, [refused({})]))
  await rejects.flush()
  t.equal((await listRejects(owner, tenant.tenant_id)).length, 1)
  await deleteTenant(eraser, tenant.tenant_id, 0)
  t.strictSame(await listRejects(owner, tenant.tenant_id), [])
  t.equal((await listRejects(owner, other.tenant_id)).length, 1)
})

t.test('a flood of bad events is counted, and only its beginning kept', async (t) => {
  const { post, rejects, owner, superuser, tenant, other } = await startService(t)
  const flood = () =>
    batch(
      tenant.site_key,
      Array.from({ length: 100 }, () => ({ flood: Math.random() })),
    )
  await Promise.all(Array.from({ length: 20 }, () => post(flood())))
  await post(batch(other.site_key, [{ neighbour: true }]))
  await rejects.flush()
  t.equal((await listRejects(owner, tenant.tenant_id)).length, 20)
  t.equal((await listRejects(owner, other.tenant_id)).length, 1, 'a neighbour has room of its own')
  await superuser.query(
    `insert into leadlight.rejected_events (tenant_id, event_sha256, reason, detail, excerpt, rejected_at)
     select $1, sha256(n::text::bytea), 'invalid_event', '', '', now() - interval '1 hour' from generate_series(1, 1000) as n`,
    [tenant.tenant_id],
  )
  await post(flood())
  await rejects.flush()
  t.equal((await listRejects(owner, tenant.tenant_id)).length, maxRejects.ofTenant)
})

t.test('a database that takes no more of them costs no answer', async (t) => {
  const { post, rejects, superuser, tenant } = await startService(t)
  await superuser.query('drop table leadlight.rejected_events')
  const opened = { id: uuid7(Date.now()), type: 'widget_opened', session_id: uuid7(Date.now() - 1_000) }
  t.match(await post(batch(tenant.site_key, [opened, 7])), {
    status: 200,
    body: { accepted: 1, rejected: [{ index: 1 }] },
  })
  await t.resolves(rejects.flush())
})
