// The switches of the what-if panel: what is broken on purpose, for everyone who has the page open.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'

export const Switches = Type.Object({
  /** Every answer of the API takes 2 s longer. */
  slow_api: Type.Boolean(),
  /** Every answer of the API is a 500. */
  failing_api: Type.Boolean(),
  /** The widget throws while it draws itself. */
  broken_widget: Type.Boolean(),
})
export type Switches = Static<typeof Switches>

export const slowMs = 2_000

export const createSwitches = (): Switches => ({ slow_api: false, failing_api: false, broken_widget: false })

export async function switchRoutes(app: FastifyInstance, { switches }: { switches: Switches }): Promise<void> {
  app.get('/switches', { schema: { response: { 200: Switches } } }, async () => switches)
  app.post<{ Body: Partial<Switches> }>(
    '/switches',
    { schema: { body: Type.Partial(Switches, { additionalProperties: false }), response: { 200: Switches } } },
    async (request) => Object.assign(switches, request.body),
  )
}
