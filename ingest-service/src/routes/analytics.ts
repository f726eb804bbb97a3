// GET /api/v1/analytics/…: a tenant's own numbers.
import {
  Breakdown,
  Common,
  Funnel,
  Journey,
  type JourneyEvent,
  Leads,
  Performance,
  Series,
  Summary,
} from 'contract/analytics'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type pg from 'pg'
import Type, { type Static, type TProperties } from 'typebox'
import { definitions } from '../analytics/definitions.ts'
import { type Filter, filters } from '../analytics/filter.ts'
import { countFunnel } from '../analytics/funnel.ts'
import { listJourney } from '../analytics/journey.ts'
import { listLeads } from '../analytics/leads.ts'
import { measurePerformance } from '../analytics/performance.ts'
import { daysOf, previousRange, type Range, readRange, todayIn } from '../analytics/range.ts'
import { countSeries, intervals } from '../analytics/series.ts'
import { breakDown, summarise } from '../analytics/summary.ts'
import { asTenant } from '../database.ts'
import { Problem } from '../problem.ts'
import { authenticate, type Tenant } from '../tokens.ts'
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

/** Longest range answered hour by hour, in days. */
const maxHourlyDays = 8

/** The routes; register them under their prefix. */
export function analyticsRoutes(app: FastifyInstance, { ingest, reader, traces, now }: AnalyticsDependencies): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  question('summary', 'The headline numbers', FilterQuery, Summary, async (asked) => {
    const { client, range, timeZone, filter } = asked
    const before = previousRange(range, timeZone, asked.now)
    return {
      ...(await summarise(client, range, timeZone, filter)),
      previous: before && (await summarise(client, before, timeZone, filter)),
    }
  })

  question('funnel', 'Sessions at each step', FilterQuery, Funnel, async (asked) => ({
    steps: await countFunnel(asked.client, asked.range, asked.timeZone, asked.filter),
  }))

  const Interval = Type.Unsafe<(typeof intervals)[number]>({ type: 'string', enum: [...intervals] })
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

  const By = Type.Unsafe<(typeof filters)[number]>({ type: 'string', enum: [...filters] })
  question('breakdown', 'The headline numbers per value', { by: By }, Breakdown, async (asked) => ({
    breakdown: await breakDown(asked.client, asked.range, asked.timeZone, asked.query.by),
  }))

  const Cursor = { cursor: Type.Optional(Type.String({ description: '`next_cursor` of the page before' })) }
  question('leads', 'Leads and quotes, newest first', { ...FilterQuery, ...Cursor }, Leads, async (asked) => {
    const { cursor = null } = asked.query
    if (cursor !== null && !isUuid7(cursor)) throw new Problem('invalid_query', 'cursor must be a next_cursor of ours')
    const { leads, nextCursor } = await listLeads(asked.client, asked.range, asked.timeZone, asked.filter, cursor)
    return { leads, next_cursor: nextCursor }
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
    async (request) => {
      const tenant = await authenticate(ingest, request)
      const { event_id } = request.params
      const events =
        isUuid7(event_id) && (await asTenant(reader, tenant.tenantId, (client) => listJourney(client, event_id)))
      if (!events) throw new Problem('not_found', 'There is no such lead')
      // asked outside of the transaction: the trace store may take its time
      const found = await traces.find([...new Set(events.flatMap((event) => event.trace_id ?? []))])
      const spans = visibleSpans(found ?? [], tenant.tenantId)
      const dayOf = (event: JourneyEvent | undefined): string =>
        todayIn(tenant.timeZone, new Date(event?.occurred_at ?? now()))
      const range = { from: dayOf(events[0]), to: dayOf(events.at(-1)) }
      const state = found ? 'expired' : 'unavailable'
      return { ...common(tenant, range, 'journey'), events, spans, traces: spans.length > 0 ? 'held' : state }
    },
  )

  /** One GET route: authenticates, reads the range, asks in a transaction bound to the tenant, adds the common part. */
  function question<Q extends TProperties, A extends TProperties>(
    name: Exclude<keyof typeof definitions, 'journey'>,
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
      async (request: FastifyRequest) => {
        const tenant = await authenticate(ingest, request)
        const given = request.query as Static<Type.TObject<Q>> & Filter & { from?: string; to?: string }
        const { tenantId, timeZone } = tenant
        const range = readRange(given, timeZone, new Date(now()))
        const answered = await asTenant(reader, tenantId, (client) =>
          ask({ client, range, timeZone, filter: given, query: given, now: new Date(now()) }),
        )
        return { ...common(tenant, range, name), ...answered }
      },
    )
  }
}

const common = (tenant: Tenant, range: Range, name: keyof typeof definitions): Static<typeof Common> => ({
  tenant: { name: tenant.name, time_zone: tenant.timeZone },
  ...range,
  definitions: definitions[name],
})
