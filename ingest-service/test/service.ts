// One service on a database of its own, for the tests: the app as it runs, without a port.

import { gzipSync } from 'node:zlib'
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginCallback } from 'fastify'
import Fastify from 'fastify'
import type pg from 'pg'
import { pino } from 'pino'
import { cloneDatabase } from 'stack/test-database'
import type { Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { addTenant } from '../src/cli/tenants.ts'
import { commitRows } from '../src/commit.ts'
import { openPool, type Role } from '../src/database.ts'
import { createLimits, type LimitSettings } from '../src/limits.ts'
import { createMetrics, type Metrics } from '../src/metrics.ts'
import { ensurePartitions } from '../src/partitions.ts'
import { createRejects, type Rejects } from '../src/rejects.ts'
import { oldestCountable, rollUp } from '../src/rollup.ts'
import { createSightings } from '../src/sightings.ts'
import { createSites } from '../src/sites.ts'
import { createStore } from '../src/store.ts'
import { countStretches } from '../src/stretches.ts'
import { createTraces } from '../src/traces/client.ts'
import { createWriter } from '../src/writer.ts'

export const origin = 'https://www.acme.example'

export type Service = {
  app: FastifyInstance
  /** Sees and may do everything. */
  superuser: pg.Pool
  /** Acts as the service's login, which owns the schema. */
  owner: pg.Pool
  databaseUrl: string
  metrics: Metrics
  rejects: Rejects
  /** Brings the roll-up up to date; `get` does so by itself. */
  countUp(): Promise<unknown>
  tenant: Awaited<ReturnType<typeof addTenant>>
  /** Another tenant with the same origin. */
  other: Awaited<ReturnType<typeof addTenant>>
  post(
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: any; headers: Record<string, unknown> }>
  get(path: string, token: string): Promise<{ status: number; body: any }>
}

type Options = {
  tracesUrl?: string
  now?: () => number
  collectorUrl?: string
  timeZone?: string
  limits?: Partial<LimitSettings>
  tracing?: FastifyPluginCallback
  logger?: FastifyBaseLogger
}

/** A machine that is busy with other tests is slower than a visitor is patient. */
const patienceMs = 30_000

const noLimits = { addressRequestsPerMinute: 0, keyEventsPerSecond: 0, tenantEventsPerDay: 0, keySpanBytesPerSecond: 0 }

export async function startService(t: Test, options: Options = {}): Promise<Service> {
  const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
  const { now = Date.now, collectorUrl = 'http://127.0.0.1:9', timeZone = 'Europe/Vienna' } = options
  const pool = (role?: Role, url = databaseUrl): pg.Pool => {
    const opened = openPool(url, { role, size: 2, statementMs: patienceMs, onError: () => {} })
    t.teardown(() => opened.end())
    return opened
  }
  const owner = pool()
  // the copied database has the days around its making; a test's clock may stand elsewhere
  const starting = await owner.connect()
  await ensurePartitions(starting, new Date(now())).finally(() => starting.release())
  const ingest = pool('leadlight_ingest')
  const writing = pool('leadlight_ingest')
  const rollup = pool('leadlight_rollup')
  const metrics = createMetrics('0.0.0', () => writer)
  const writer = createWriter(
    // by a clock that stands nobody waits too long
    (rows) => commitRows(writing, rows),
    () => 0,
  )
  // written when a test says so: between two writes only so many are kept
  const rejects = createRejects(ingest, 3_600_000)
  t.teardown(() => rejects.close())
  const countUp = async (): Promise<unknown> => {
    const oldest = oldestCountable(new Date(now()))
    await rollUp(rollup, oldest)
    return countStretches(rollup, new Date(now()), oldest)
  }
  const directory = t.testdir({
    'index.html': '<p>portal</p>',
    'manifest.json': '{"files":{"widget.js":{}}}',
    'widget.js': '//',
    'widget.js.gz': gzipSync('//'),
  })
  const sightings = createSightings(ingest)
  const app = await buildApp({
    logger: options.logger ?? pino({ level: 'silent' }),
    metrics,
    version: '0.0.0',
    publicUrl: 'http://127.0.0.1:8080',
    collectorUrl,
    trustedProxies: [],
    sites: createSites(ingest, Date.now, sightings.refused),
    sightings,
    limits: createLimits({ ...noLimits, ...options.limits }, now),
    store: createStore(ingest),
    writer,
    rejects,
    ingest,
    reader: pool('leadlight_reader'),
    traces: createTraces(options.tracesUrl, patienceMs),
    now,
    answerMs: patienceMs,
    tracing: options.tracing,
    portalDirectory: directory,
    widgetDirectory: directory,
  })
  t.teardown(() => app.close())
  const tenant = await addTenant(owner, { name: 'Acme', timeZone, origins: [origin] })
  const other = await addTenant(owner, { name: 'Bolt', timeZone, origins: [origin] })
  return {
    app,
    superuser: pool(undefined, superuserUrl),
    owner,
    databaseUrl,
    metrics,
    rejects,
    countUp,
    tenant,
    other,
    async post(body, headers = {}) {
      const response = await app.inject({
        method: 'POST',
        url: '/api/v1/widget/events',
        headers: { 'content-type': 'text/plain', origin, ...headers },
        payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      })
      return { status: response.statusCode, body: JSON.parse(response.body), headers: response.headers }
    },
    async get(path, token) {
      // what runs every two seconds beside the service
      await countUp()
      const response = await app.inject({ url: path, headers: { authorization: `Bearer ${token}` } })
      return { status: response.statusCode, body: JSON.parse(response.body) }
    },
  }
}

/** A real HTTP server that stands where the collector is and answers as told, and counts the requests that have begun. */
export async function startUpstream(
  t: Test,
  answer: (request: { headers: Record<string, unknown>; body: Buffer }) => { status: number; body?: string },
): Promise<{ url: string; requests: { headers: Record<string, unknown>; body: Buffer }[]; begun: () => number }> {
  const requests: { headers: Record<string, unknown>; body: Buffer }[] = []
  let begun = 0
  const server = Fastify({ bodyLimit: 10_000_000 })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.addHook('onRequest', async () => {
    begun++
  })
  server.post<{ Body: Buffer }>('/v1/traces', async (request, reply) => {
    const seen = { headers: request.headers, body: request.body }
    requests.push(seen)
    const { status, body = '{}' } = answer(seen)
    return reply.code(status).type('application/json').send(body)
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  return { url, requests, begun: () => begun }
}

export const batch = (siteKey: string, events: unknown[], more: object = {}): Record<string, unknown> => ({
  site_key: siteKey,
  sent_at: new Date().toISOString(),
  events,
  ...more,
})
