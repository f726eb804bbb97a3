// The service as it runs, on a port of its own choice, with its writer or with the baseline's: a process by itself.
import { fileURLToPath } from 'node:url'
import { buildApp } from 'ingest-service/app'
import { commitRows } from 'ingest-service/commit'
import { openPool, type Role } from 'ingest-service/database'
import { createLimits } from 'ingest-service/limits'
import { createMetrics } from 'ingest-service/metrics'
import { createRejects } from 'ingest-service/rejects'
import { createSightings } from 'ingest-service/sightings'
import { createSites } from 'ingest-service/sites'
import { createStore } from 'ingest-service/store'
import { createTraces } from 'ingest-service/traces/client'
import { createWriter, type Writer } from 'ingest-service/writer'
import type pg from 'pg'
import { pino } from 'pino'
import { createPlainWriter } from './plain-insert.ts'

/** Connections of the baseline, whose requests do not share a statement. */
const plainConnections = 8

const [databaseUrl = '', kind] = process.argv.slice(2)
const pool = (role: Role, size: number): pg.Pool =>
  openPool(databaseUrl, { role, size, statementMs: 10_000, onError: () => {} })
const directory = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const ingest = pool('leadlight_ingest', 4)
const metrics = createMetrics('0.0.0', () => writer)
const writer = kind === 'plain' ? createPlainWriter(pool('leadlight_ingest', plainConnections)) : createGroupWriter()

function createGroupWriter(): Writer {
  const writing = pool('leadlight_ingest', 2)
  return createWriter(async (rows) => {
    const end = metrics.commitSeconds.startTimer()
    return commitRows(writing, rows).finally(end)
  })
}

const app = await buildApp({
  logger: pino({ level: 'warn' }, pino.destination(2)),
  metrics,
  version: '0.0.0',
  publicUrl: 'http://127.0.0.1',
  collectorUrl: 'http://127.0.0.1:9',
  trustedProxies: [],
  sites: createSites(ingest),
  sightings: createSightings(ingest),
  // all visitors of a bench come from one address
  limits: createLimits({
    addressRequestsPerMinute: 0,
    keyEventsPerSecond: 0,
    tenantEventsPerDay: 0,
    keySpanBytesPerSecond: 0,
  }),
  store: createStore(ingest),
  writer,
  rejects: createRejects(ingest),
  traces: createTraces(undefined),
  ingest,
  reader: pool('leadlight_reader', 1),
  now: Date.now,
  portalDirectory: directory('../../portal/dist'),
  widgetDirectory: directory('../../widget-otel/dist'),
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${(app.server.address() as { port: number }).port}\n`)
