// All events of a tenant in a range of days, as the tenant may have them.
import type pg from 'pg'
import type { Range } from './analytics/range.ts'
import { asTenant } from './database.ts'

const pageRows = 5_000

/** Calls `write` with lines of JSON, oldest first, a few thousand at a time. @returns the number of events */
export async function exportEvents(
  reader: pg.Pool,
  { tenantId, timeZone }: { tenantId: string; timeZone: string },
  { from, to }: Range,
  write: (lines: string) => Promise<void>,
): Promise<number> {
  return asTenant(reader, tenantId, async (client) => {
    let last: string | null = null
    for (let count = 0; ; ) {
      const { rows } = await readPage(client, [from, to, timeZone, last])
      if (rows.length === 0) return count
      await write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      count += rows.length
      last = rows.at(-1)!.id
    }
  })
}

const readPage = (client: pg.ClientBase, values: [from: string, to: string, timeZone: string, last: string | null]) =>
  client.query<{ id: string }>(
    `with days as (
       select $1::date::timestamp at time zone $3 as first, ($2::date + 1)::timestamp at time zone $3 as past
     )
     select id, type, session_id, occurred_at, received_at, page, replace(trace_id::text, '-', '') as trace_id,
       encode(span_id, 'hex') as span_id, widget_version, properties
     from leadlight.events
     where id > coalesce($4::uuid, leadlight.uuid_floor((select first from days) - interval '8 days'))
       and id < leadlight.uuid_floor((select past from days) + interval '8 days')
       and occurred_at >= (select first from days) and occurred_at < (select past from days)
     order by id
     limit ${pageRows}`,
    values,
  )
