// What the catalog holds is asked for here as each role, so a table, view or partition that is added later is tried as well.
import pg from 'pg'
import { uuid7 } from 'stack/uuid7'
import t, { type Test } from 'tap'
import { asTenant, openPool } from '../src/database.ts'
import { createShareLink } from '../src/share-links.ts'
import { batch, type Service, startService } from './service.ts'

const denied = '42501'
const nobody = '00000000-0000-7000-8000-000000000000'

/** Two tenants with something in every table that has rows of tenants. */
async function startWithTwoTenants(t: Test): Promise<Service> {
  const service = await startService(t)
  const { post, countUp, superuser, tenant, other } = service
  const now = Date.now()
  for (const { site_key, tenant_id } of [tenant, other]) {
    const session_id = uuid7(now - 2)
    await post(
      batch(site_key, [
        { id: uuid7(now - 1), type: 'widget_loaded', session_id, properties: { load_ms: 120 } },
        { id: uuid7(now), type: 'lead_captured', session_id, properties: { contact: 'form' } },
      ]),
    )
    // of a day that is over, so that it is counted by segment
    const past = now - 2 * 86_400_000
    const earlier = uuid7(past)
    await post(
      batch(site_key, [
        { id: uuid7(past), type: 'widget_loaded', session_id: earlier, properties: { load_ms: 120 } },
        { id: uuid7(past), type: 'widget_error', session_id: earlier, properties: { error_type: 'TypeError' } },
        { id: uuid7(past), type: 'lead_captured', session_id: earlier, properties: { contact: 'form' } },
      ]),
    )
    await createShareLink(superuser, tenant_id, { label: 'x', days: 1 })
  }
  await countUp()
  return service
}

type Relation = { name: string; tenants: boolean }

/** Tables, partitions, views and whatever else has rows, in every schema that is not PostgreSQL's own. */
async function listRelations(superuser: pg.Pool): Promise<Relation[]> {
  const { rows } = await superuser.query<Relation>(
    `select format('%I.%I', nspname, relname) as name,
       exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped) as tenants
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p', 'v', 'm', 'f') and nspname !~ '^pg_' and nspname <> 'information_schema'
     order by 1`,
  )
  return rows
}

/** Whose rows a query gives, or that it may not be asked. */
async function ask(db: pg.Pool | pg.PoolClient, query: string): Promise<string[] | 'denied'> {
  try {
    const { rows } = await db.query<{ tenant_id: string }>(query)
    return [...new Set(rows.map(({ tenant_id }) => tenant_id))].sort()
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === denied) return 'denied'
    throw error
  }
}

t.test('in whatever there is, the reader sees the tenant it is told, and nothing without one', async (t) => {
  const { databaseUrl, superuser, tenant, other } = await startWithTwoTenants(t)
  // one connection, so that each question meets what the one before has left
  const reader = openPool(databaseUrl, { role: 'leadlight_reader', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => reader.end())
  const readable: string[] = []
  for (const { name, tenants } of await listRelations(superuser)) {
    const query = `select ${tenants ? 'tenant_id' : "'anyone' as tenant_id"} from ${name}`
    const seen = (tenantId: string) => asTenant(reader, tenantId, (client) => ask(client, query))
    const answers = {
      own: await seen(tenant.tenant_id),
      others: await seen(other.tenant_id),
      nobodys: await seen(nobody),
      afterwards: await ask(reader, query),
    }
    if (answers.own === 'denied') {
      t.strictSame(new Set(Object.values(answers)), new Set(['denied']), `${name} may not be asked at all`)
      continue
    }
    readable.push(name)
    t.strictSame(
      answers,
      { own: [tenant.tenant_id], others: [other.tenant_id], nobodys: [], afterwards: [] },
      `${name} gives the rows of the tenant that is told`,
    )
    t.strictSame(await ask(superuser, query), [tenant.tenant_id, other.tenant_id].sort(), `${name} holds both`)
  }
  t.strictSame(
    readable,
    [
      'leadlight.events',
      'leadlight.quarter_hours',
      'leadlight.segment_counts',
      'leadlight.segment_errors',
      'leadlight.segment_hours',
      'leadlight.segment_leads',
      'leadlight.segmented_stretches',
      'leadlight.sessions',
    ],
    'nothing else is asked',
  )
})

t.test('a setting that is no tenant gives no rows', async (t) => {
  const { databaseUrl } = await startWithTwoTenants(t)
  const reader = openPool(databaseUrl, { role: 'leadlight_reader', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => reader.end())
  t.strictSame(await asTenant(reader, '', (client) => ask(client, 'select tenant_id from leadlight.events')), [])
  for (const wrong of ['x', "' or true --", '*'])
    await t.rejects(
      asTenant(reader, wrong, (client) => ask(client, 'select tenant_id from leadlight.events')),
      { code: '22P02' },
      `"${wrong}" is an error`,
    )
  t.strictSame(await ask(reader, 'select tenant_id from leadlight.events'), [], 'after an error too')
})

t.test('the reader changes nothing, wherever it is', async (t) => {
  const { databaseUrl, superuser, tenant } = await startWithTwoTenants(t)
  const reader = openPool(databaseUrl, { role: 'leadlight_reader', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => reader.end())
  // not in its read-only transactions: those it could leave
  await reader.query(`set app.tenant_id = '${tenant.tenant_id}'`)
  for (const { name } of await listRelations(superuser))
    for (const statement of [`delete from ${name}`, `insert into ${name} default values`, `truncate ${name}`])
      await t.rejects(reader.query(statement), { code: denied }, statement)
})

t.test('dashboards see their views and nothing behind them', async (t) => {
  const { databaseUrl, superuser } = await startWithTwoTenants(t)
  const dashboards = new pg.Pool({ connectionString: databaseUrl, max: 1, options: '-c role=leadlight_dashboards' })
  dashboards.on('error', () => {})
  t.teardown(() => dashboards.end())
  for (const { name } of await listRelations(superuser)) {
    const isTheirs = name.startsWith('dashboards.')
    const answer = await ask(dashboards, `select 'anyone' as tenant_id from ${name} limit 1`)
    t.equal(answer === 'denied', !isTheirs, `${name} is ${isTheirs ? '' : 'not '}theirs`)
  }
})

t.test("an id that another tenant has used is as good as any other, and says nothing of the other's", async (t) => {
  const { post, superuser, tenant, other } = await startService(t)
  const now = Date.now()
  const event = { id: uuid7(now), type: 'widget_opened', session_id: uuid7(now - 1) }
  for (const { site_key } of [tenant, other]) {
    t.match((await post(batch(site_key, [event]))).body, { accepted: 1, duplicates: 0 })
    t.match((await post(batch(site_key, [event]))).body, { accepted: 0, duplicates: 1 })
  }
  t.strictSame(
    await ask(superuser, 'select tenant_id from leadlight.sessions'),
    [tenant.tenant_id, other.tenant_id].sort(),
  )
})
