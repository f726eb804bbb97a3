// The API behind the estimate widget. Contacts stay in this process's memory: no telemetry ever carries them.
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { answer, greeting } from './conversation.ts'
import { Estimate, estimate } from './estimate.ts'
import { Job, Message, Reply } from './job.ts'
import { type Switches, slowMs } from './switches.ts'

/** Leads the demo remembers; the oldest make way. */
const maxLeads = 200

const closed = { additionalProperties: false } as const
const Lead = Type.Union([
  Type.Object({ email: Type.String({ maxLength: 254, format: 'email' }) }, closed),
  Type.Object({ phone: Type.String({ maxLength: 32, pattern: '^[+(]?[0-9][0-9 ().-]{5,30}$' }) }, closed),
])
const Quote = Type.Object(
  {
    lead_id: Type.String({ format: 'uuid' }),
    service: Job.properties.service,
    amount: Type.Integer({ minimum: 0 }),
  },
  closed,
)
export const WidgetConfig = Type.Object({ greeting: Reply, broken_widget: Type.Boolean() })
export type WidgetConfig = Static<typeof WidgetConfig>
const LeadAnswer = Type.Object({ lead_id: Type.String() })
const QuoteAnswer = Type.Object({ quote_id: Type.String() })

/** The routes; register them under `/api`. */
export async function apiRoutes(app: FastifyInstance, { switches }: { switches: Switches }): Promise<void> {
  const leads = new Map<string, Static<typeof Lead>>()

  app.addHook('preHandler', async () => {
    if (switches.slow_api) await wait(slowMs)
    if (switches.failing_api) throw new Error('broken by the what-if panel')
  })

  app.get('/config', { schema: { response: { 200: WidgetConfig } } }, async () => ({
    greeting,
    broken_widget: switches.broken_widget,
  }))

  app.post<{ Body: Message }>('/messages', { schema: { body: Message, response: { 200: Reply } } }, async (request) =>
    answer(request.body),
  )

  app.post<{ Body: Job }>('/estimate', { schema: { body: Job, response: { 200: Estimate } } }, async (request) => ({
    estimate_id: randomUUID(),
    ...estimate(request.body),
  }))

  app.post<{ Body: Static<typeof Lead> }>(
    '/leads',
    { schema: { body: Lead, response: { 201: LeadAnswer } } },
    async (request, reply) => {
      const lead_id = randomUUID()
      leads.set(lead_id, request.body)
      for (const oldest of leads.keys()) {
        if (leads.size <= maxLeads) break
        leads.delete(oldest)
      }
      return reply.code(201).send({ lead_id })
    },
  )

  app.post<{ Body: Static<typeof Quote> }>(
    '/quotes',
    { schema: { body: Quote, response: { 201: QuoteAnswer } } },
    async (request, reply) => {
      if (!leads.has(request.body.lead_id))
        return reply.code(404).send({ message: 'no such lead; leave a contact first' })
      return reply.code(201).send({ quote_id: randomUUID() })
    },
  )
}
