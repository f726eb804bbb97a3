// `leadlight share …`: links by which a contractor's numbers are shown to others.
import { type Command, InvalidArgumentError } from 'commander'
import { maxShareDays, maxShareLabelLength } from 'contract/portal'
import { createShareLink, listShareLinks, revokeShareLink } from '../share-links.ts'
import { portalUrlOf } from '../tokens.ts'
import { readId } from './arguments.ts'
import { answer, cell, columns, noSuchTenant, withJson } from './run.ts'
import { listTenants } from './tenants.ts'

const defaultDays = 30

/** Adds the commands to the program. */
export function shareCommands(program: Command): void {
  const share = program.command('share').description("links that show a tenant's numbers, read-only, for some days")
  const ofTenant = (name: string, description: string): Command =>
    withJson(share.command(name).description(description)).argument('<id>', 'tenant id', readId)

  ofTenant('add', 'make a link; it is shown this once')
    .option('--days <days>', `how long it opens, at most ${maxShareDays}`, readDays, defaultDays)
    .option('--label <text>', 'for whom it is', readLabel, '')
    .action((id, options) =>
      answer(options, async ({ as, publicUrl }) => {
        const made = await createShareLink(as('leadlight_ingest'), id, { label: options.label, days: options.days })
        if (!made) throw noSuchTenant(id)
        const { token, ...link } = made
        const shown = { ...link, share_url: portalUrlOf(publicUrl, token) }
        return [shown, columns(shown)]
      }),
    )

  ofTenant('list', 'links that are open').action((id, options) =>
    answer(options, async ({ db, as }) => {
      if ((await listTenants(db, id)).length === 0) throw noSuchTenant(id)
      const links = await listShareLinks(as('leadlight_ingest'), id)
      const lines = links.map((link) => `${link.share_id}  until ${link.expires_at}  ${cell(link.label) || '–'}`)
      return [links, lines.join('\n') || 'No link is open']
    }),
  )

  ofTenant('revoke', 'withdraw a link, at once')
    .argument('<share>', 'share id, as the list shows it', readId)
    .action((id, shareId, options) =>
      answer(options, async ({ as }) => {
        if (!(await revokeShareLink(as('leadlight_ingest'), id, shareId)))
          throw new Error(`${id} has no open share link ${shareId}`)
        return [{ share_id: shareId, revoked: true }, `${shareId} opens nothing any more`]
      }),
    )
}

function readDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= maxShareDays) return days
  throw new InvalidArgumentError(`Days are a whole number from 1 to ${maxShareDays}`)
}

function readLabel(text: string): string {
  const label = text.trim()
  if (label.length > maxShareLabelLength)
    throw new InvalidArgumentError(`A label has at most ${maxShareLabelLength} characters`)
  return label
}
