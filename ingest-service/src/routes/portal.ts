// /portal/: the tenant's page, and the exchange of its token or a share link's for a cookie that scripts cannot read.
import fastifyStatic from '@fastify/static'
import { Session } from 'contract/portal'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import Type from 'typebox'
import type { Limits } from '../limits.ts'
import { Problem } from '../problem.ts'
import { authenticate, findReader, tokenCookie } from '../tokens.ts'
import { sharesRoutes } from './shares.ts'

export type PortalDependencies = { ingest: pg.Pool; limits: Limits; publicUrl: string; directory: string }

/** A device stays signed in this long, in seconds. */
const signedInSeconds = 90 * 86_400

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
}

/** The routes; register them under `/portal`. */
export async function portalRoutes(
  app: FastifyInstance,
  { ingest, limits, publicUrl, directory }: PortalDependencies,
): Promise<void> {
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: publicUrl.startsWith('https:') } as const

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers)
  })
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, route: 'portal' }
  })

  app.post<{ Body: { token: string } }>(
    '/session',
    {
      bodyLimit: 1_024,
      schema: {
        summary: 'Sign in with a read token or a share link',
        tags: ['portal'],
        body: Type.Object({ token: Type.String({ minLength: 1, maxLength: 128 }) }),
      },
    },
    async (request, reply) => {
      limits.admitRequest(request.ip)
      const reader = await findReader(ingest, request.body.token)
      if (!reader) {
        throw new Problem('invalid_token', 'This link is no longer valid; ask whoever runs Leadlight for a new one')
      }
      const until = reader.sharedUntil
      const maxAge = until ? Math.ceil((until.getTime() - Date.now()) / 1_000) : signedInSeconds
      return reply
        .setCookie(tokenCookie, request.body.token, { ...cookie, maxAge })
        .code(204)
        .send()
    },
  )
  app.get(
    '/session',
    { schema: { summary: 'Who is signed in', tags: ['portal'], response: { 200: Session } } },
    async (request, reply) => {
      const { name, timeZone, sharedUntil } = await authenticate(ingest, request)
      reply.header('cache-control', 'no-store')
      return { tenant: { name, time_zone: timeZone }, shared_until: sharedUntil?.toISOString() ?? null }
    },
  )
  app.delete('/session', { schema: { summary: 'Sign out', tags: ['portal'] } }, async (_request, reply) =>
    reply.clearCookie(tokenCookie, cookie).code(204).send(),
  )

  sharesRoutes(app, { ingest, publicUrl })

  app.get(
    '/',
    { prefixTrailingSlash: 'slash', schema: { summary: "The contractor's page", tags: ['portal'] } },
    (_request, reply) => reply.sendFile('index.html'),
  )
  await app.register(fastifyStatic, {
    root: directory,
    prefix: '/',
    schemaHide: true,
    cacheControl: false,
    preCompressed: true,
  })
}
