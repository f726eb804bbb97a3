// How busy the database is: its connections, its oldest open transaction, its size.
import { connectionStates } from 'contract/metrics'
import type pg from 'pg'
import type { Metrics } from './metrics.ts'

export async function measureActivity(db: pg.Pool, metrics: Metrics): Promise<void> {
  const { rows: activity } = await db.query<{
    state: (typeof connectionStates)[number]
    connections: number
    longest_transaction_seconds: number
  }>('select state, connections, longest_transaction_seconds from leadlight.activity()')
  for (const state of connectionStates) {
    metrics.connections.set({ state }, activity.find((each) => each.state === state)?.connections ?? 0)
  }
  metrics.longestTransaction.set(Math.max(0, ...activity.map((each) => each.longest_transaction_seconds)))
  const { rows: sizes } = await db.query<{ bytes: number; connections: number }>(
    `select pg_database_size(current_database())::float8 as bytes, current_setting('max_connections')::int as connections`,
  )
  metrics.databaseSize.set(sizes[0]!.bytes)
  metrics.connectionsMax.set(sizes[0]!.connections)
}
