// GET /api/v1/analytics/…: a tenant's own numbers.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type pg from 'pg'
import Type from 'typebox'
import { funnelDefinitions, summaryDefinitions } from '../analytics/definitions.ts'
import { countFunnel, Step } from '../analytics/funnel.ts'
import { previousRange, type Range, readRange } from '../analytics/range.ts'
import { Numbers, summarise } from '../analytics/summary.ts'
import { asTenant } from '../database.ts'
import { authenticate, type Tenant } from '../tokens.ts'

export type AnalyticsDependencies = {
  /** Reads tokens; sees every tenant. */
  ingest: pg.Pool
  /** Reads numbers; sees the tenant it is told. */
  reader: pg.Pool
  now: () => number
}

type RangeQuery = { from?: string; to?: string }

const Query = Type.Object({
  from: Type.Optional(Type.String({ description: "First day, in the tenant's time zone" })),
  to: Type.Optional(Type.String({ description: 'Last day, inclusive' })),
})

const Common = {
  tenant: Type.Object({ name: Type.String(), time_zone: Type.String() }),
  from: Type.String({ format: 'date' }),
  to: Type.String({ format: 'date' }),
  definitions: Type.Record(Type.String(), Type.String()),
}

/** The routes; register them under their prefix. */
export function analyticsRoutes(app: FastifyInstance, { ingest, reader, now }: AnalyticsDependencies): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  const route = (summary: string, answer: Record<string, ReturnType<typeof Type.Object>>) => ({
    config: { route: 'analytics' as const },
    schema: { summary, tags: ['analytics'], security: [{ token: [] }], querystring: Query, response: answer },
  })

  app.get<{ Querystring: RangeQuery }>(
    '/summary',
    route('The headline numbers', {
      200: Type.Object({ ...Common, ...Numbers.properties, previous: Type.Union([Numbers, Type.Null()]) }),
    }),
    async (request) => {
      const { tenant, range } = await readQuestion(request)
      const before = previousRange(range, tenant.timeZone, new Date(now()))
      const [numbers, previous] = await asTenant(reader, tenant.tenantId, async (client) => [
        await summarise(client, range, tenant.timeZone),
        before && (await summarise(client, before, tenant.timeZone)),
      ])
      return { ...common(tenant, range, summaryDefinitions), ...numbers, previous }
    },
  )

  app.get<{ Querystring: RangeQuery }>(
    '/funnel',
    route('Sessions at each step', { 200: Type.Object({ ...Common, steps: Type.Array(Step) }) }),
    async (request) => {
      const { tenant, range } = await readQuestion(request)
      const steps = await asTenant(reader, tenant.tenantId, (client) => countFunnel(client, range, tenant.timeZone))
      return { ...common(tenant, range, funnelDefinitions), steps }
    },
  )

  async function readQuestion(request: FastifyRequest<{ Querystring: RangeQuery }>) {
    const tenant = await authenticate(ingest, request)
    return { tenant, range: readRange(request.query, tenant.timeZone, new Date(now())) }
  }
}

const common = (tenant: Tenant, range: Range, definitions: Record<string, string>) => ({
  tenant: { name: tenant.name, time_zone: tenant.timeZone },
  ...range,
  definitions,
})
