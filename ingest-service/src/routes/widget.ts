// /widget.js and its versioned files: the script that contractors put on their pages.
import { readFileSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** The routes; the scope they are registered in answers for CORS. */
export async function widgetRoutes(app: FastifyInstance, { directory }: { directory: string }): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, route: 'widget' }
  })
  const { files } = JSON.parse(readFileSync(`${directory}/manifest.json`, 'utf8')) as { files: Record<string, unknown> }
  await app.register(fastifyStatic, { root: directory, serve: false, cacheControl: false, preCompressed: true })
  for (const name of Object.keys(files)) {
    const lifetime = name === 'widget.js' ? 'public, max-age=300' : 'public, max-age=31536000, immutable'
    app.get(`/${name}`, { schema: { summary: `The script ${name}`, tags: ['widget'] } }, (_request, reply) =>
      reply.header('cache-control', lifetime).header('x-content-type-options', 'nosniff').sendFile(name),
    )
  }
}
