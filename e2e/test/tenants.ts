// Five tenants whose weeks before expect visitors now, and who can fall silent.
import { addTenant } from 'ingest-service/cli/tenants'
import pg from 'pg'
import type { Test } from 'tap'

export type Tenants = {
  all: { tenant_id: string; site_key: string }[]
  /** The first so many have had no load for hours. */
  fallSilent(count: number): Promise<unknown>
  areBack(): Promise<unknown>
}

const quarterMs = 15 * 60_000
const weekQuarters = (7 * 24 * 60) / 15
/** Around this moment, in each week: as long as the test may take. */
const quarters = { before: 12, after: 20 }
const loads = 5

export async function makeTenants(t: Test, databaseUrl: string): Promise<Tenants> {
  const owner = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  const counts = new pg.Pool({ connectionString: databaseUrl, max: 1, options: '-c role=leadlight_rollup' })
  for (const pool of [owner, counts]) {
    pool.on('error', () => {})
    t.teardown(() => pool.end())
  }
  const all: Tenants['all'] = []
  for (let number = 1; number <= 5; number++)
    all.push(
      await addTenant(owner, { name: `Tenant ${number}`, timeZone: 'UTC', origins: ['https://www.site.example'] }),
    )

  const { rows: columns } = await counts.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = 'leadlight.quarter_hours'::regclass and attnum > 0 and not attisdropped`,
  )
  const nothing = Object.fromEntries(columns.map(({ name }) => [name, 0]))
  const now = Math.floor(Date.now() / quarterMs)
  const load = (weeks: number[], tenants: Tenants['all']) =>
    counts.query(
      'insert into leadlight.quarter_hours select * from jsonb_populate_recordset(null::leadlight.quarter_hours, $1) on conflict do nothing',
      [
        JSON.stringify(
          tenants.flatMap(({ tenant_id }) =>
            weeks.flatMap((week) =>
              Array.from({ length: quarters.before + quarters.after }, (_, place) => ({
                ...nothing,
                tenant_id,
                quarter: new Date((now - week * weekQuarters - quarters.before + place) * quarterMs).toISOString(),
                widget_loaded: loads,
                sessions: loads,
              })),
            ),
          ),
        ),
      ],
    )
  await load([0, 1, 2, 3, 4], all)
  return {
    all,
    fallSilent: (count) =>
      counts.query('delete from leadlight.quarter_hours where tenant_id = any($1) and quarter >= $2', [
        all.slice(0, count).map(({ tenant_id }) => tenant_id),
        new Date((now - weekQuarters / 2) * quarterMs),
      ]),
    areBack: () => load([0], all),
  }
}
