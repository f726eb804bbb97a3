// The baseline: one INSERT of events and nothing else, neither steps of sessions nor erased ones.
import type { Row, Writer } from 'ingest-service/writer'
import type pg from 'pg'

/** One array for each column, written out by `pg`. */
function columnsOf(rows: Row[]): unknown[][] {
  const column = (read: (row: Row) => unknown): unknown[] => rows.map(read)
  return [
    column((row) => row.tenantId),
    column((row) => row.id),
    column((row) => row.sessionId),
    column((row) => row.occurredAt),
    column((row) => row.type),
    column((row) => row.traceId),
    column((row) => row.spanId),
    column((row) => row.page),
    column((row) => row.widgetVersion),
    column((row) => row.properties),
  ]
}

/** Stores rows by one statement and gives back the ids that were not there before. */
export async function insertEvents(pool: pg.Pool, rows: Row[]): Promise<Set<string>> {
  const { rows: stored } = await pool.query<{ id: string }>({
    name: 'insert',
    text: `
      insert into leadlight.events
        (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
      select tenant_id, id, session_id, occurred_at, type, trace_id, decode(span_id, 'hex'), page, widget_version, properties::jsonb
      from unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::leadlight.event_type[],
        $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[]
      ) as input (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
      on conflict do nothing
      returning id`,
    values: columnsOf(rows),
  })
  return new Set(stored.map(({ id }) => id))
}

/** A writer that sends each request's events by themselves. */
export function createPlainWriter(pool: pg.Pool): Writer {
  return {
    async store(rows) {
      if (rows.length === 0) return []
      const stored = await insertEvents(pool, rows)
      return rows.map(({ id }) => (stored.delete(id) ? 'accepted' : 'duplicate'))
    },
    drain: () => Promise.resolve(),
    waitingRows: 0,
    waitingBytes: 0,
  }
}
