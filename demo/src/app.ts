// The contractor's site: its pages, the API behind its estimate widget, and the switches that break it.
import type { FastifyOtelInstrumentation } from '@fastify/otel'
import Fastify, { type FastifyInstance } from 'fastify'
import { apiRoutes } from './api.ts'
import { type SiteConfig, siteRoutes } from './site.ts'
import { strict } from './strict.ts'
import { createSwitches, switchRoutes } from './switches.ts'

/** @param tracing makes a span of each API request; pages are not traced */
export async function buildApp(
  config: SiteConfig,
  tracing?: ReturnType<FastifyOtelInstrumentation['plugin']>,
): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: 16_384, forceCloseConnections: true, ajv: strict })
  const switches = createSwitches()
  app.get('/health', async () => ({ status: 'ok' }))
  await app.register(switchRoutes, { switches })
  await app.register(siteRoutes, config)
  await app.register(
    async (api) => {
      if (tracing) await api.register(tracing)
      await api.register(apiRoutes, { switches })
    },
    { prefix: '/api' },
  )
  return app
}
