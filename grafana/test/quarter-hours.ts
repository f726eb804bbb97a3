// Rows of the roll-up for days that no visit can come from any more: the service takes none older than a week.
import { query } from 'stack/postgres'

export const quarterMs = 900_000
const dayMs = 86_400_000

/** One for all that a test adds: a quarter hour may end meanwhile. */
const currentMs = Math.floor(Date.now() / quarterMs) * quarterMs

/** The beginning of a quarter hour so many days and quarter hours ago. */
export const quarterAgo = (days: number, quarters = 0): Date =>
  new Date(currentMs - days * dayMs - quarters * quarterMs)

/** Everything not given is 0. */
export async function addQuarterHour(url: string, tenantId: string, quarter: Date, counts: Record<string, number>) {
  const { rows } = await query(
    url,
    "select column_name as name from information_schema.columns where table_schema = 'leadlight' and table_name = 'quarter_hours'",
  )
  const columns: string[] = rows.map(({ name }) => name).filter((name) => !['tenant_id', 'quarter'].includes(name))
  await query(
    url,
    `insert into leadlight.quarter_hours (tenant_id, quarter, ${columns})
     values ('${tenantId}', '${quarter.toISOString()}', ${columns.map((name) => counts[name] ?? 0)})`,
  )
}
