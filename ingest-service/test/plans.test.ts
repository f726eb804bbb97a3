// Every question reads the days it is about, by the tenant's key, and nothing else: what its plans say.
import type pg from 'pg'
import t from 'tap'
import type { Filter } from '../src/analytics/filter.ts'
import { countFunnel } from '../src/analytics/funnel.ts'
import { countLeads, listLeads } from '../src/analytics/leads.ts'
import { measurePerformance } from '../src/analytics/performance.ts'
import { splitDays } from '../src/analytics/segments.ts'
import { countSeries } from '../src/analytics/series.ts'
import { breakDown, summarise } from '../src/analytics/summary.ts'
import { updateTenant } from '../src/cli/tenants.ts'
import { asTenant, openPool } from '../src/database.ts'
import { startService } from './service.ts'

type Node = {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Actual Loops': number
  Plans?: Node[]
}

const day = 86_400_000
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
// a day is counted by segment a quarter of an hour after its end
const ended = Date.now() - 900_000
const from = dateOf(ended - 2 * day)
const to = dateOf(ended - day)
const range = { from, to }

/** Scans that were executed, of all statements that `ask` causes. */
async function scansOf(reader: pg.Pool, tenantId: string, ask: (client: pg.PoolClient) => Promise<unknown>) {
  const scans: Node[] = []
  const gather = (node: Node): void => {
    if (node['Actual Loops'] === 0) return
    if (node['Relation Name'] || node['Index Name']) scans.push(node)
    node.Plans?.forEach(gather)
  }
  await asTenant(reader, tenantId, async (client) => {
    // in an empty table no index is worth its while; here it is asked whether one can be used
    await client.query('set local enable_seqscan = off')
    const explaining = {
      async query(asked: string | pg.QueryConfig, values?: unknown[]) {
        const { text, values: bound } = typeof asked === 'string' ? { text: asked, values } : asked
        if (/leadlight\./.test(text)) {
          const { rows } = await client.query(`explain (analyze, format json) ${text}`, bound)
          gather(rows[0]['QUERY PLAN'][0].Plan)
        }
        return client.query(text, bound)
      },
    }
    await ask(explaining as unknown as pg.PoolClient)
  })
  return scans
}

const leadsOf = async (client: pg.PoolClient, ...asked: [Filter, { cursor: null; traceId: string | null }]) =>
  listLeads(client, await splitDays(client, range, 'UTC'), ...asked)
const leadCount = async (client: pg.PoolClient) => countLeads(client, await splitDays(client, range, 'UTC'), {})

t.test('each question uses the key, and the partitions of its days', async (t) => {
  const { databaseUrl, tenant } = await startService(t)
  const reader = openPool(databaseUrl, { role: 'leadlight_reader', size: 1, statementMs: 30_000, onError: () => {} })
  t.teardown(() => reader.end())
  const phone = { device: 'phone' }
  const all = { cursor: null, traceId: null }
  const questions: Record<string, { ask: (client: pg.PoolClient) => Promise<unknown>; onlyRollup?: boolean }> = {
    summary: { ask: (client) => summarise(client, range, 'UTC', {}), onlyRollup: true },
    funnel: { ask: (client) => countFunnel(client, range, 'UTC', {}), onlyRollup: true },
    'series by day': { ask: (client) => countSeries(client, range, 'UTC', 'day', {}), onlyRollup: true },
    'series by hour': { ask: (client) => countSeries(client, range, 'UTC', 'hour', {}), onlyRollup: true },
    performance: { ask: (client) => measurePerformance(client, range, 'UTC', {}) },
    breakdown: { ask: (client) => breakDown(client, range, 'UTC', 'device') },
    leads: { ask: (client) => leadsOf(client, {}, all) },
    'leads of phones': { ask: (client) => leadsOf(client, phone, all) },
    'leads of a trace': { ask: (client) => leadsOf(client, {}, { ...all, traceId: tenant.tenant_id }) },
    'number of leads': { ask: leadCount },
    'summary of phones': { ask: (client) => summarise(client, range, 'UTC', phone) },
    'funnel of phones': { ask: (client) => countFunnel(client, range, 'UTC', phone) },
    'series of phones': { ask: (client) => countSeries(client, range, 'UTC', 'day', phone) },
    'performance of phones': { ask: (client) => measurePerformance(client, range, 'UTC', phone) },
  }
  // an event may be eight days off its id; one that is asked for, and its visit, a day more
  const name = (table: string, ms: number) => `${table}_${dateOf(ms).replaceAll('-', '')}`
  const first = (table: string, days: number) => name(table, Date.parse(from) - days * day)
  const last = (table: string, days: number) => name(table, Date.parse(to) + days * day)
  for (const [question, { ask, onlyRollup = false }] of Object.entries(questions)) {
    const scans = await scansOf(reader, tenant.tenant_id, ask)
    t.ok(scans.length, question)
    for (const scan of scans) {
      const relation = scan['Relation Name']
      const where = `${question}: ${scan['Node Type']} ${relation ?? scan['Index Name']}`
      // the heap half of a bitmap scan has its condition below
      if (scan['Node Type'] === 'Bitmap Heap Scan') continue
      t.match(scan['Index Cond'], /tenant_id = /, where)
      if (onlyRollup && /^quarter_hours/.test(relation ?? scan['Index Name'] ?? ''))
        t.match(scan['Index Cond'], /quarter >= .*quarter < /, where)
      if (relation?.startsWith('events_')) t.ok(relation >= first('events', 9) && relation <= last('events', 9), where)
    }
    if (onlyRollup)
      t.notOk(
        scans.some((scan) => /^(events|sessions)_/.test(scan['Relation Name'] ?? '')),
        question,
      )
  }
  // sessions are on the day of their id: two days, two partitions
  const scans = await scansOf(reader, tenant.tenant_id, questions['funnel of phones']!.ask)
  const partitions = new Set(scans.flatMap((scan) => scan['Relation Name'] ?? []))
  t.strictSame(
    [...partitions].filter((name) => /_\d{8}$/.test(name)).sort(),
    [first('sessions', 0), last('sessions', 0)],
    'while they are not counted by segment',
  )
})

t.test('days that are counted by segment are not counted again when somebody asks', async (t) => {
  const { databaseUrl, tenant, countUp, owner } = await startService(t)
  await updateTenant(owner, tenant.tenant_id, { timeZone: 'UTC', addOrigins: [], removeOrigins: [] })
  await countUp()
  const reader = openPool(databaseUrl, { role: 'leadlight_reader', size: 1, statementMs: 30_000, onError: () => {} })
  t.teardown(() => reader.end())
  const phone = { device: 'phone' }
  const both = { device: 'phone', page: '/' }
  const questions: ((client: pg.PoolClient) => Promise<unknown>)[] = [
    (client) => breakDown(client, range, 'UTC', 'page'),
    leadCount,
    (client) => leadsOf(client, phone, { cursor: null, traceId: null }),
    (client) => summarise(client, range, 'UTC', phone),
    (client) => countFunnel(client, range, 'UTC', both),
    (client) => countSeries(client, range, 'UTC', 'day', phone),
    (client) => countSeries(client, range, 'UTC', 'hour', both),
    (client) => measurePerformance(client, range, 'UTC', phone),
  ]
  for (const ask of questions) {
    const read = (await scansOf(reader, tenant.tenant_id, ask)).flatMap((scan) => scan['Relation Name'] ?? [])
    t.ok(read.length, String(ask))
    t.notMatch(read.join(' '), /_\d{8}/, String(ask))
  }
})
