// GET /api/v1/analytics/…: a tenant's own numbers.
import {
  Breakdown,
  Common,
  Funnel,
  Install,
  Journey,
  type JourneyEvent,
  Leads,
  Performance,
  Series,
  Summary,
} from 'contract/analytics'
import { keptCountsDays, keptDays, maxHourlyDays } from 'contract/limits'
import { oneOf } from 'contract/one-of'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type pg from 'pg'
import Type, { type Static, type TProperties } from 'typebox'
import { type Definitions, definitionsIn } from '../analytics/definitions.ts'
import { type Filter, filters, isFiltered } from '../analytics/filter.ts'
import { countFunnel } from '../analytics/funnel.ts'
import { checkInstall } from '../analytics/install.ts'
import { listJourney, maxJourneyEvents } from '../analytics/journey.ts'
import { countLeads, listLeads } from '../analytics/leads.ts'
import { measurePerformance } from '../analytics/performance.ts'
import { daysOf, previousRange, type Range, readRange, todayIn } from '../analytics/range.ts'
import { splitDays } from '../analytics/segments.ts'
import { countSeries, intervals } from '../analytics/series.ts'
import { breakDown, summarise } from '../analytics/summary.ts'
import { asTenant } from '../database.ts'
import { Problem } from '../problem.ts'
import { authenticate, authenticateOwner, type Tenant } from '../tokens.ts'
import type { Traces } from '../traces/client.ts'
import { visibleSpans } from '../traces/visible.ts'
import { isUuid7 } from '../uuid7.ts'

export type AnalyticsDependencies = {
  /** Reads tokens; sees every tenant. */
  ingest: pg.Pool
  /** Reads numbers; sees the tenant it is told. */
  reader: pg.Pool
  traces: Traces
  now: () => number
  /** What browsers reach the service by. */
  publicUrl: string
}

const RangeQuery = {
  from: Type.Optional(Type.String({ description: "First day, in the tenant's time zone" })),
  to: Type.Optional(Type.String({ description: 'Last day, inclusive' })),
}
const FilterQuery = Object.fromEntries(
  filters.map((name) => [
    name,
    Type.Optional(Type.String({ maxLength: 256, description: `Only visits of this ${name}` })),
  ]),
) as Record<(typeof filters)[number], Type.TOptional<Type.TString>>

/** What each question is given: a transaction that sees one tenant, and the days asked for. */
type Question<Q> = { client: pg.PoolClient; range: Range; timeZone: string; filter: Filter; query: Q; now: Date }

/** The routes; register them under their prefix. */
export function analyticsRoutes(
  app: FastifyInstance,
  { ingest, reader, traces, now, publicUrl }: AnalyticsDependencies,
): void {
  app.addHook('onSend', async (_request, reply) => {
    // no-store makes Vary idle, but a proxy that stores all the same should not mix the languages up
    reply.headers({ 'cache-control': 'no-store', vary: 'Accept-Language' })
  })

  question('summary', 'The headline numbers', FilterQuery, Summary, async (asked) => {
    const { client, range, timeZone, filter } = asked
    const before = previousRange(range, timeZone, asked.now, isFiltered(filter) ? keptDays : keptCountsDays)
    return {
      ...(await summarise(client, range, timeZone, filter)),
      previous: before && (await summarise(client, before, timeZone, filter)),
    }
  })

  question('funnel', 'Sessions at each step', FilterQuery, Funnel, async (asked) => ({
    steps: await countFunnel(asked.client, asked.range, asked.timeZone, asked.filter),
  }))

  const Interval = oneOf(intervals)
  question(
    'series',
    'Events by day or hour',
    { ...FilterQuery, interval: Type.Optional(Interval) },
    Series,
    async (asked) => {
      const { interval = 'day' } = asked.query
      if (interval === 'hour' && daysOf(asked.range) > maxHourlyDays) {
        throw new Problem('invalid_query', `Hours are answered for at most ${maxHourlyDays} days`)
      }
      return { points: await countSeries(asked.client, asked.range, asked.timeZone, interval, asked.filter) }
    },
  )

  question('performance', 'Load and response times, errors', FilterQuery, Performance, (asked) =>
    measurePerformance(asked.client, asked.range, asked.timeZone, asked.filter),
  )

  const By = oneOf(filters)
  question('breakdown', 'The headline numbers per value', { by: By }, Breakdown, async (asked) => ({
    breakdown: await breakDown(asked.client, asked.range, asked.timeZone, asked.query.by),
  }))

  const LeadsQuery = {
    ...FilterQuery,
    cursor: Type.Optional(Type.String({ description: '`next_cursor` of the page before' })),
    trace_id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$', description: 'Only leads of this trace' })),
  }
  question('leads', 'Leads and quotes, newest first', LeadsQuery, Leads, async (asked) => {
    const { client, range, timeZone, filter } = asked
    const { cursor = null, trace_id: traceId = null } = asked.query
    if (cursor !== null && !isUuid7(cursor)) throw new Problem('invalid_query', 'cursor must be a next_cursor of ours')
    const days = await splitDays(client, range, timeZone)
    return {
      ...(await listLeads(client, days, filter, { cursor, traceId })),
      ...(await countLeads(client, days, filter)),
    }
  })

  app.get<{ Params: { event_id: string } }>(
    '/leads/:event_id/journey',
    {
      config: { route: 'analytics' },
      schema: {
        summary: "A lead's visit, with its traces",
        tags: ['analytics'],
        security: [{ token: [] }],
        params: Type.Object({ event_id: Type.String() }),
        response: { 200: Type.Object({ ...Common.properties, ...Journey.properties }) },
      },
    },
    async (request, reply) => {
      const tenant = await authenticateOwner(ingest, request)
      const { event_id } = request.params
      const stored =
        isUuid7(event_id) && (await asTenant(reader, tenant.tenantId, (client) => listJourney(client, event_id)))
      if (!stored) throw new Problem('not_found', 'There is no such lead')
      const events = stored.slice(0, maxJourneyEvents)
      // asked outside of the transaction: the trace store may take its time
      const lead = events.find((event) => event.id === event_id)
      const traceIds = new Set([lead, ...events].flatMap((event) => event?.trace_id ?? []))
      const found = await traces.find([...traceIds])
      const { spans, truncated } = visibleSpans(found?.spans ?? [], tenant.tenantId)
      const dayOf = (event: JourneyEvent | undefined): string =>
        todayIn(tenant.timeZone, new Date(event?.occurred_at ?? now()))
      const range = { from: dayOf(events[0]), to: dayOf(events.at(-1)) }
      const state = found ? 'expired' : 'unavailable'
      return {
        ...common(tenant, range, 'journey', request, reply),
        events,
        spans,
        traces: spans.length > 0 ? 'held' : state,
        truncated: truncated || found?.truncated === true || stored.length > events.length,
      }
    },
  )

  app.get(
    '/install',
    {
      config: { route: 'analytics' },
      schema: {
        summary: 'Whether the widget is where it should be',
        tags: ['analytics'],
        security: [{ token: [] }],
        response: { 200: Type.Object({ ...Common.properties, ...Install.properties }) },
      },
    },
    async (request, reply) => {
      const tenant = await authenticateOwner(ingest, request)
      const range = readRange({}, tenant.timeZone, new Date(now()))
      return {
        ...common(tenant, range, 'install', request, reply),
        ...(await checkInstall(ingest, tenant.tenantId, publicUrl)),
      }
    },
  )

  /** One GET route: authenticates, reads the range, asks in a transaction bound to the tenant, adds the common part. */
  function question<Q extends TProperties, A extends TProperties>(
    name: Exclude<keyof Definitions, 'journey' | 'install'>,
    summary: string,
    query: Q,
    answer: Type.TObject<A>,
    ask: (asked: Question<Static<Type.TObject<Q>>>) => Promise<Static<Type.TObject<A>>>,
  ): void {
    app.get(
      `/${name}`,
      {
        config: { route: 'analytics' },
        schema: {
          summary,
          tags: ['analytics'],
          security: [{ token: [] }],
          querystring: Type.Object({ ...RangeQuery, ...query }),
          response: { 200: Type.Object({ ...Common.properties, ...answer.properties }) },
        },
      },
      async (request: FastifyRequest, reply: FastifyReply) => {
        const tenant = await (name === 'leads' ? authenticateOwner : authenticate)(ingest, request)
        const given = request.query as Static<Type.TObject<Q>> & Filter & { from?: string; to?: string }
        const { tenantId, timeZone } = tenant
        const range = readRange(given, timeZone, new Date(now()))
        const answered = await asTenant(reader, tenantId, (client) =>
          ask({ client, range, timeZone, filter: given, query: given, now: new Date(now()) }),
        )
        return { ...common(tenant, range, name, request, reply), ...answered }
      },
    )
  }
}

/** What every answer starts with. */
function common(
  tenant: Tenant,
  range: Range,
  name: keyof Definitions,
  request: FastifyRequest,
  reply: FastifyReply,
): Static<typeof Common> {
  const { language, definitions } = definitionsIn(request.headers['accept-language'])
  reply.header('content-language', language)
  return { tenant: { name: tenant.name, time_zone: tenant.timeZone }, ...range, definitions: definitions[name] }
}
