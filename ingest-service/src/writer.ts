// Joins the events of many requests into one durable commit; whoever waits is answered after it, never before.
import type pg from 'pg'
import { isDataError } from './database.ts'
import type { StoredEvent } from './decode.ts'
import { Problem } from './problem.ts'

/** An event with what its envelope says of it. */
export type Row = StoredEvent & { tenantId: string; widgetVersion: string | null }

/** What became of each row, in the order given. */
export type Outcome = 'accepted' | 'duplicate' | 'erased' | 'unstorable'

/** What a commit says of the rows that it did not find stored already. */
export type Committed = ReadonlyMap<Row, 'accepted' | 'erased'>

export type Writer = {
  /** Stores rows and answers after COMMIT. @throws Problem `overloaded` when too much waits, or the database's error. */
  store(rows: Row[]): Promise<Outcome[]>
  /** Waits until nothing is left. */
  drain(): Promise<void>
  readonly waitingRows: number
}

type Waiting = { rows: Row[]; done(outcomes: Outcome[]): void; failed(error: unknown): void }

/** Two statements in flight keep PostgreSQL busy while Node.js parses; a third adds nothing (measured). */
const writers = 2
/** A group of this size costs least per row; a larger one only makes requests wait (measured). */
const maxGroupRows = 600
/** About 2 s of work at full speed. More than that would be answered too late to be of use. */
const maxWaitingRows = 50_000

/**
 * Group commit without a timer: a free connection takes all that waits, up to a group; what arrives meanwhile is the
 * next group. `commit` stores rows in one statement.
 */
export function createWriter(commit: (rows: Row[]) => Promise<Committed>): Writer {
  const queue: Waiting[] = []
  let waitingRows = 0
  let busy = 0
  const idle: (() => void)[] = []

  function takeGroup(): Waiting[] {
    const group: Waiting[] = []
    let rows = 0
    while (queue[0] && (rows === 0 || rows + queue[0].rows.length <= maxGroupRows)) {
      const next = queue.shift()!
      rows += next.rows.length
      group.push(next)
    }
    waitingRows -= rows
    return group
  }

  async function work(): Promise<void> {
    busy++
    while (queue.length > 0) {
      const group = takeGroup()
      try {
        const outcomes = await storeRows(
          group.flatMap((request) => request.rows),
          commit,
        )
        for (const request of group) request.done(outcomes.splice(0, request.rows.length))
      } catch (error) {
        for (const request of group) request.failed(error)
      }
    }
    busy--
    if (busy === 0) for (const resolve of idle.splice(0)) resolve()
  }

  return {
    store(rows) {
      if (rows.length === 0) return Promise.resolve([])
      if (waitingRows + rows.length > maxWaitingRows) {
        return Promise.reject(new Problem('overloaded', 'Too many events wait to be stored; try again'))
      }
      return new Promise((done, failed) => {
        queue.push({ rows, done, failed })
        waitingRows += rows.length
        if (busy < writers) void work()
      })
    },
    drain: () => (busy === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    get waitingRows() {
      return waitingRows
    },
  }
}

/** Stores rows; when the data of one of them breaks the statement, halves until the culprit stands alone. */
async function storeRows(rows: Row[], commit: (rows: Row[]) => Promise<Committed>): Promise<Outcome[]> {
  try {
    const committed = await commit(rows)
    return rows.map((row) => committed.get(row) ?? 'duplicate')
  } catch (error) {
    if (!isDataError(error)) throw error
    if (rows.length === 1) return ['unstorable']
    const half = rows.length >> 1
    return [...(await storeRows(rows.slice(0, half), commit)), ...(await storeRows(rows.slice(half), commit))]
  }
}

/** One array for each column, in the order in which statements unnest them. */
export function columnsOf(rows: Row[]): unknown[][] {
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

/** The statement behind `createWriter`: events and the first times of their sessions' steps, in key order so that two writers cannot deadlock. */
export async function commitRows(pool: pg.Pool, rows: Row[]): Promise<Committed> {
  const { rows: results } = await pool.query<{ tenant_id: string; id: string; outcome: 'accepted' | 'erased' }>({
    name: 'store',
    text: `
      with input as (
        select * from unnest(
          $1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::leadlight.event_type[],
          $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[]
        ) as input (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
      ), erased as (
        select tenant_id, id from input join leadlight.erased_sessions using (tenant_id, session_id)
      ), stored as (
        insert into leadlight.events
          (tenant_id, id, session_id, occurred_at, type, trace_id, span_id, page, widget_version, properties)
        select tenant_id, id, session_id, occurred_at, type, trace_id, decode(span_id, 'hex'), page, widget_version, properties::jsonb
        from input
        where (tenant_id, id) not in (select tenant_id, id from erased)
        order by tenant_id, id
        on conflict do nothing
        returning tenant_id, id, session_id, occurred_at, type
      ), loaded as (
        -- the first load of each session in this group says where the visit came from
        select distinct on (stored.tenant_id, stored.session_id)
          stored.tenant_id,
          stored.session_id,
          input.properties::jsonb ->> 'device' as device,
          coalesce(input.properties::jsonb ->> 'utm_source', input.properties::jsonb ->> 'referrer_host') as source,
          input.page
        from stored join input using (tenant_id, id)
        where stored.type = 'widget_loaded'
        order by stored.tenant_id, stored.session_id, stored.occurred_at, stored.id
      ), touched as (
        insert into leadlight.sessions as session
          (tenant_id, session_id, loaded_at, opened_at, message_at, estimate_at, lead_at, quote_at, error_at, messages,
           device, source, page)
        select
          tenant_id,
          session_id,
          min(occurred_at) filter (where type = 'widget_loaded'),
          min(occurred_at) filter (where type = 'widget_opened'),
          min(occurred_at) filter (where type = 'message_sent'),
          min(occurred_at) filter (where type = 'estimate_generated'),
          min(occurred_at) filter (where type = 'lead_captured'),
          min(occurred_at) filter (where type = 'quote_requested'),
          min(occurred_at) filter (where type = 'widget_error'),
          count(*) filter (where type = 'message_sent'),
          loaded.device,
          loaded.source,
          loaded.page
        from stored left join loaded using (tenant_id, session_id)
        group by tenant_id, session_id, loaded.device, loaded.source, loaded.page
        order by tenant_id, session_id
        on conflict (tenant_id, session_id) do update set
          loaded_at = least(session.loaded_at, excluded.loaded_at),
          opened_at = least(session.opened_at, excluded.opened_at),
          message_at = least(session.message_at, excluded.message_at),
          estimate_at = least(session.estimate_at, excluded.estimate_at),
          lead_at = least(session.lead_at, excluded.lead_at),
          quote_at = least(session.quote_at, excluded.quote_at),
          error_at = least(session.error_at, excluded.error_at),
          messages = session.messages + excluded.messages,
          device = case when excluded.loaded_at < coalesce(session.loaded_at, 'infinity') then excluded.device else session.device end,
          source = case when excluded.loaded_at < coalesce(session.loaded_at, 'infinity') then excluded.source else session.source end,
          page = case when excluded.loaded_at < coalesce(session.loaded_at, 'infinity') then excluded.page else session.page end
      )
      select tenant_id, id, 'accepted' as outcome from stored
      union all
      select tenant_id, id, 'erased' from erased`,
    values: columnsOf(rows),
  })
  const outcomes = new Map(results.map(({ tenant_id, id, outcome }) => [`${tenant_id} ${id}`, outcome]))
  const committed = new Map<Row, 'accepted' | 'erased'>()
  for (const row of rows) {
    const key = `${row.tenantId} ${row.id}`
    const outcome = outcomes.get(key)
    if (outcome) committed.set(row, outcome)
    // the same event twice in one group is stored once: the first row has it
    if (outcome === 'accepted') outcomes.delete(key)
  }
  return committed
}
