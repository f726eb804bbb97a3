// /portal/shares: the tenant makes links for others, sees which are open, withdraws them.
import { MadeShareLink, NewShareLink, ShareLinks } from 'contract/portal'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import Type, { type Static } from 'typebox'
import { Problem } from '../problem.ts'
import { createShareLink, listShareLinks, revokeShareLink } from '../share-links.ts'
import { authenticateOwner, portalUrlOf } from '../tokens.ts'

const shared = { tags: ['portal'], security: [{ token: [] }] }
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

export function sharesRoutes(
  app: FastifyInstance,
  { ingest, publicUrl }: { ingest: pg.Pool; publicUrl: string },
): void {
  app.get(
    '/shares',
    { schema: { summary: 'Share links that are open', ...shared, response: { 200: ShareLinks } } },
    async (request, reply) => {
      const { tenantId } = await authenticateOwner(ingest, request)
      reply.header('cache-control', 'no-store')
      return { shares: await listShareLinks(ingest, tenantId) }
    },
  )
  app.post<{ Body: Static<typeof NewShareLink> }>(
    '/shares',
    {
      bodyLimit: 1_024,
      schema: { summary: 'Make a share link', ...shared, body: NewShareLink, response: { 201: MadeShareLink } },
    },
    async (request, reply) => {
      const { tenantId } = await authenticateOwner(ingest, request)
      const { label = '', days } = request.body
      const made = await createShareLink(ingest, tenantId, { label: label.trim(), days })
      if (!made) throw new Problem('invalid_token', 'This tenant is gone')
      const { token, ...link } = made
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...link, share_url: portalUrlOf(publicUrl, token) })
    },
  )
  app.delete<{ Params: { share_id: string } }>(
    '/shares/:share_id',
    {
      schema: {
        summary: 'Withdraw a share link',
        ...shared,
        params: Type.Object({ share_id: Type.String() }),
      },
    },
    async (request, reply) => {
      const { tenantId } = await authenticateOwner(ingest, request)
      const { share_id } = request.params
      if (!isUuid(share_id) || !(await revokeShareLink(ingest, tenantId, share_id))) {
        throw new Problem('not_found', 'There is no such share link')
      }
      return reply.code(204).send()
    },
  )
}
