// Small questions to the database beside the writer: what is stored already, which loss reports were counted.
import type { Dropped } from 'contract/envelope'
import type pg from 'pg'

export type Store = {
  /** Which of these ids the tenant has stored. */
  findStored(tenantId: string, ids: string[]): Promise<Set<string>>
  /** True when this report was not counted before. */
  countDropped(tenantId: string, dropped: Dropped): Promise<boolean>
}

export function createStore(pool: pg.Pool): Store {
  return {
    async findStored(tenantId, ids) {
      const { rows } = await pool.query<{ id: string }>(
        'select id from leadlight.events where tenant_id = $1 and id = any($2::uuid[])',
        [tenantId, ids],
      )
      return new Set(rows.map((row) => row.id))
    },
    async countDropped(tenantId, { report_id, counts }) {
      const { rowCount } = await pool.query(
        `insert into leadlight.drop_reports (tenant_id, report_id, counts) values ($1, $2, $3)
         on conflict do nothing`,
        [tenantId, report_id, JSON.stringify(counts)],
      )
      return rowCount === 1
    },
  }
}
