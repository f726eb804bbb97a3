// Connections to PostgreSQL: one pool for each role the service takes, so that no statement runs with more rights than it needs.
import pg from 'pg'

export type Role =
  | 'leadlight_ingest'
  | 'leadlight_reader'
  | 'leadlight_eraser'
  | 'leadlight_rollup'
  | 'leadlight_dashboards'

export type PoolOptions = {
  role?: Role
  size: number
  statementMs: number
  /** A connection attempt that takes longer fails; who has a visitor waiting is less patient than the default. */
  connectMs?: number
  onError: (error: Error) => void
}

/**
 * Opens a pool. The role is part of the connection's start-up, so a connection that may not take it fails instead of
 * running as the login. Without a role the pool acts as the owner: migrations and partitions only.
 */
export function openPool(databaseUrl: string, options: PoolOptions): pg.Pool {
  const { role, size, statementMs, connectMs = 10_000, onError } = options
  const settings = [
    `statement_timeout=${statementMs}`,
    'idle_in_transaction_session_timeout=15000',
    'timezone=UTC',
    // whatever the default of server, database or login is
    'synchronous_commit=on',
    // a hundred partitions look so expensive that PostgreSQL would compile a statement of 5 ms for 100 ms (measured)
    'jit=off',
  ]
  if (role) settings.push(`role=${role}`)
  // planning over a hundred partitions takes longer than most questions: a connection does it once for each (measured)
  // and starting workers takes longer than reading a day without them
  if (role === 'leadlight_reader')
    settings.push('plan_cache_mode=force_generic_plan', 'max_parallel_workers_per_gather=0')
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: size,
    connectionTimeoutMillis: connectMs,
    // a server that vanished without a word must not hold a request for ever
    query_timeout: statementMs + 1_000,
    keepAlive: true,
    application_name: role ?? 'leadlight',
    options: settings.map((setting) => `-c ${setting}`).join(' '),
  })
  // an idle connection that breaks is replaced by the pool; without a listener it would end the process
  pool.on('error', onError)
  // the same for one that breaks while it is lent out: whoever has it learns so from the next statement
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Runs `use` in one read-only transaction that sees the given tenant's rows and no others. */
export async function asTenant<T>(
  reader: pg.Pool,
  tenantId: string,
  use: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return inTransaction(reader, 'isolation level repeatable read read only', async (client) => {
    await client.query("select set_config('app.tenant_id', $1, true)", [tenantId])
    return use(client)
  })
}

/** Runs `use` in one transaction of the given mode (what may follow `begin`). */
export async function inTransaction<T>(
  pool: pg.Pool,
  mode: string,
  use: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query(`begin ${mode}`)
    const result = await use(client)
    await client.query('commit')
    return result
  } catch (error) {
    failure = error as Error
    throw error
  } finally {
    // a connection that failed is not given back: its transaction may still be open
    client.release(failure)
  }
}

/** True for what is wrong with the data of a statement rather than with the database (SQLSTATE classes 22, 23, 54). */
export const isDataError = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '')

/** True when a row's day has no partition: the code is that of a check, but no constraint is named. */
export const isPartitionMissing = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '23514' && error.constraint === undefined
