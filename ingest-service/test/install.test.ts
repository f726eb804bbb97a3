import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { openPool } from '../src/database.ts'
import { createSightings } from '../src/sightings.ts'
import { batch, origin, type Service, startService } from './service.ts'

const opened = () => ({ id: uuid7(Date.now() - 1_000), type: 'widget_opened', session_id: uuid7(Date.now() - 2_000) })

const check = async ({ get, tenant }: Service, token = tenant.read_token) =>
  (await get('/api/v1/analytics/install', token)).body

/** Sightings are written beside the answer. */
const eventually = async (service: Service, isThere: (install: any) => boolean) => {
  await waitFor(async () => isThere(await check(service)), { timeoutMs: 20_000 })
  return check(service)
}

t.test('a site that never sent anything is said to be unseen, with the line that it needs', async (t) => {
  const service = await startService(t)
  const { definitions, tenant: _, from: __, to: ___, ...install } = await check(service)
  t.strictSame(install, {
    origins: [{ origin, last_event_at: null, widget_version: null }],
    refused: [],
    snippet: `<script async src="http://127.0.0.1:8080/widget.js" data-site-key="${service.tenant.site_key}"></script>`,
    content_security_policy: 'script-src http://127.0.0.1:8080;\nconnect-src http://127.0.0.1:8080;',
  })
  t.ok(definitions.refused)
})

t.test('where events came from, with which script, and who is not on the list', async (t) => {
  const service = await startService(t)
  const { post, tenant, other } = service
  await post(batch(tenant.site_key, [opened()], { widget_version: '1.4.2' }))
  const stranger = 'https://acme.example'
  t.equal((await post(batch(tenant.site_key, [opened()]), { origin: stranger })).status, 403)
  const seen = await eventually(service, ({ origins, refused }) => origins[0].last_event_at && refused.length > 0)
  t.match(seen, {
    origins: [{ origin, last_event_at: /^\d{4}-/, widget_version: '1.4.2' }],
    refused: [{ origin: stranger, last_refused_at: /^\d{4}-/ }],
  })
  t.match(await check(service, other.read_token), { origins: [{ last_event_at: null }], refused: [] })

  await service.owner.query('insert into leadlight.origins (tenant_id, origin) values ($1, $2)', [
    tenant.tenant_id,
    stranger,
  ])
  t.match(await check(service), { origins: { length: 2 }, refused: { length: 0 } }, 'once registered it is no stranger')
})

t.test('a visitor who does not want to be tracked is no sighting', async (t) => {
  const service = await startService(t)
  const { post, tenant, superuser } = service
  await post(batch(tenant.site_key, [opened()]), { dnt: '1' })
  await post(batch(tenant.site_key, [opened()]), { dnt: '1', origin: 'https://elsewhere.example' })
  await post(batch(tenant.site_key, [opened()]))
  await eventually(service, ({ origins }) => origins[0].last_event_at !== null)
  const { rows } = await superuser.query('select origin from leadlight.origin_sightings')
  t.strictSame(rows, [{ origin }])
})

t.test('made-up origins neither fill the table nor push the writer, from two replicas', async (t) => {
  const service = await startService(t)
  const { superuser, tenant, databaseUrl } = service
  const pool = openPool(databaseUrl, { role: 'leadlight_ingest', size: 2, statementMs: 5_000, onError: () => {} })
  t.teardown(() => pool.end())
  let now = Date.now()
  const replicas = [createSightings(pool, () => now), createSightings(pool, () => now)]
  const count = async () =>
    (await superuser.query('select count(*)::int as n from leadlight.origin_sightings')).rows[0].n
  for (let minute = 0; minute < 4; minute++) {
    for (let i = 0; i < 200; i++) {
      for (const replica of replicas) replica.refused(tenant.tenant_id, `https://m${minute}-${i}.example`)
    }
    now += 240_000
    await waitFor(() => pool.waitingCount === 0 && pool.idleCount === pool.totalCount, { timeoutMs: 20_000 })
  }
  t.ok((await count()) <= 21, `${await count()} rows after 1,600 made-up origins`)
  for (const nonsense of ['null', 'javascript:alert(1)', 'https://<b>.example', `https://${'a'.repeat(300)}.example`])
    replicas[0]!.refused(tenant.tenant_id, nonsense)
  replicas[1]!.refused(tenant.tenant_id, 'https://real.example')
  await eventually(service, ({ refused }) => refused[0].origin === 'https://real.example')
  const { refused } = await check(service)
  t.equal(refused[0].origin, 'https://real.example', 'the newest stands first')
  t.notOk(refused.some((each: { origin: string }) => /null|<|javascript|aaa/.test(each.origin)))
})
