// What the same hour of past weeks had, over all tenants but the canary's.
import t from 'tap'
import { addTenant } from '../src/cli/tenants.ts'
import { openPool } from '../src/database.ts'
import { readExpected } from '../src/expected.ts'
import { startService } from './service.ts'

const now = new Date('2026-11-10T17:10:00Z')
const weekMs = 7 * 86_400_000

t.test('an hour is expected to be like the same hour of the four weeks before', async (t) => {
  const { owner, superuser, databaseUrl, tenant, other } = await startService(t)
  const counting = openPool(databaseUrl, { role: 'leadlight_rollup', size: 1, statementMs: 10_000, onError: () => {} })
  t.teardown(() => counting.end())
  const canary = await addTenant(owner, { name: 'Canary', timeZone: 'UTC', origins: [], isCanary: true })
  const { rows } = await superuser.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = 'leadlight.quarter_hours'::regclass and attnum > 2",
  )
  const empty = Object.fromEntries(rows.map(({ name }) => [name, 0]))
  const count = (tenant_id: string, atMs: number, sessions: number, lead_captured: number) =>
    superuser.query(
      'insert into leadlight.quarter_hours select (json_populate_record(null::leadlight.quarter_hours, $1)).*',
      [
        JSON.stringify({
          ...empty,
          tenant_id,
          quarter: new Date(Math.floor(atMs / 900_000) * 900_000),
          sessions,
          lead_captured,
        }),
      ],
    )
  t.strictSame(
    await readExpected(counting, now),
    { visitors: 0, leads: 0, tenants: 0 },
    'nothing in a new installation',
  )

  for (const week of [1, 2, 3, 4]) {
    const at = now.getTime() - week * weekMs
    await count(tenant.tenant_id, at, 30, 2)
    await count(tenant.tenant_id, at + 1_200_000, 10, 0)
    await count(canary.tenant_id, at, 60, 60)
    // another hour of the same day
    await count(tenant.tenant_id, at + 7_200_000, 500, 50)
  }
  await count(other.tenant_id, now.getTime() - 2 * weekMs, 4, 4)
  t.strictSame(await readExpected(counting, now), { visitors: 41, leads: 3, tenants: 1.25 })
})
