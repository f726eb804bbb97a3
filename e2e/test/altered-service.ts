// The events route with a writer or a clock that a test gives it: to show that a fault of either would be found.
import Fastify from 'fastify'
import { commitRows } from 'ingest-service/commit'
import { openPool } from 'ingest-service/database'
import { createLimits } from 'ingest-service/limits'
import { createMetrics } from 'ingest-service/metrics'
import { problemOf, sendProblem } from 'ingest-service/problem'
import { createRejects } from 'ingest-service/rejects'
import { eventsRoute } from 'ingest-service/routes/events'
import { createSightings } from 'ingest-service/sightings'
import { createSites } from 'ingest-service/sites'
import { createStore } from 'ingest-service/store'
import { createWriter, type Writer } from 'ingest-service/writer'
import pg from 'pg'
import type { Test } from 'tap'

export type Clock = { now(): number }

/** How a writer is made from a pool of the service's own, and what it may ask the time. */
export type Alteration = (writing: pg.Pool, clock: Clock) => Writer

const groupWriter = (writing: pg.Pool): Writer => createWriter((rows) => commitRows(writing, rows))

/** As it is. */
export const unaltered: Alteration = groupWriter

/** Answers at once and stores afterwards. */
export const answeringEarly: Alteration = (writing) => {
  const writer = groupWriter(writing)
  return {
    ...writer,
    store: async (rows) => {
      writer.store(rows).catch(() => {})
      return rows.map(() => 'accepted')
    },
  }
}

/** Answers when PostgreSQL says that it has committed, which it says before it has written. */
export const notWaitingForTheDisk: Alteration = (writing) => {
  writing.on('connect', (client) => client.query('set synchronous_commit = off'))
  return groupWriter(writing)
}

/** Knows an event again by its id and the day on which it came; `keyByDay` makes the table for it. */
export const knowingEventsByDay: Alteration = (writing, clock) => ({
  ...groupWriter(writing),
  async store(rows) {
    const { rows: stored } = await writing.query<{ id: string }>(
      `insert into leadlight.events (day, tenant_id, id, session_id, occurred_at, type, properties)
       select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::leadlight.event_type[], $7::jsonb[])
       on conflict do nothing returning id`,
      [
        new Date(clock.now()).toISOString().slice(0, 10),
        ...(['tenantId', 'id', 'sessionId', 'occurredAt', 'type', 'properties'] as const).map((name) =>
          rows.map((row) => row[name]),
        ),
      ],
    )
    const ids = new Set(stored.map(({ id }) => id))
    return rows.map(({ id }) => (ids.has(id) ? 'accepted' : 'duplicate'))
  },
})

export async function keyByDay(superuserUrl: string): Promise<void> {
  const db = new pg.Client({ connectionString: superuserUrl })
  await db.connect()
  await db.query(`
    alter table leadlight.events rename to events_by_id;
    create table leadlight.events (like leadlight.events_by_id including defaults, day date, primary key (tenant_id, id, day));
    grant insert, select on leadlight.events to leadlight_ingest`)
  await db.end()
}

/** Starts it within the test's own process. @returns its port */
export async function startAlteredService(
  t: Test,
  databaseUrl: string,
  alter: Alteration,
  clock: Clock,
): Promise<number> {
  const pool = (size: number): pg.Pool => {
    const opened = openPool(databaseUrl, { role: 'leadlight_ingest', size, statementMs: 5_000, onError: () => {} })
    t.teardown(() => opened.end())
    return opened
  }
  const ingest = pool(2)
  const writer = alter(pool(2), clock)
  const rejects = createRejects(ingest)
  t.teardown(() => rejects.close())
  const app = Fastify()
  app.setErrorHandler((error: Error, _request, reply) => sendProblem(reply, problemOf(error)))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  await app.register(
    async (scope) =>
      eventsRoute(scope, {
        sites: createSites(ingest),
        sightings: createSightings(ingest),
        limits: createLimits({
          addressRequestsPerMinute: 0,
          keyEventsPerSecond: 0,
          tenantEventsPerDay: 0,
          keySpanBytesPerSecond: 0,
        }),
        store: createStore(ingest),
        writer,
        rejects,
        metrics: createMetrics('0.0.0', () => writer),
        now: clock.now,
      }),
    { prefix: '/api/v1/widget' },
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  return (app.server.address() as { port: number }).port
}
