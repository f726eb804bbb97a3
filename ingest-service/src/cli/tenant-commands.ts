// `leadlight tenant …`: contractors, their keys and tokens.
import type { Command } from 'commander'
import { deleteTenant } from '../erasure.ts'
import { logErasure } from '../erasure-log.ts'
import { snippetOf } from '../snippet.ts'
import { portalUrlOf } from '../tokens.ts'
import { collectOrigins, readAddresses, readDuration, readId, readName, readTimeZone } from './arguments.ts'
import { answer, cell, columns, noSuchTenant, withJson } from './run.ts'
import { addTenant, listTenants, rotateKey, rotateToken, setDisabled, updateTenant } from './tenants.ts'

/** Adds the commands to the program. */
export function tenantCommands(program: Command): void {
  const tenant = program.command('tenant').description('tenants, their keys and tokens')
  const command = (name: string, description: string): Command =>
    withJson(tenant.command(name).description(description))
  const ofTenant = (name: string, description: string): Command =>
    command(name, description).argument('<id>', 'tenant id', readId)

  command('add', 'add a contractor; the read token is shown this once')
    .requiredOption('--name <name>', 'as the portal shows it', readName)
    .requiredOption('--origin <url...>', 'where the widget may run, such as https://www.example.com', collectOrigins)
    .requiredOption('--time-zone <zone>', 'such as Europe/Vienna; days begin there', readTimeZone)
    .option('--canary', "the canary's own: stored and read like any other, and in nobody's numbers", false)
    .action((options) =>
      answer(options, async ({ db, publicUrl }) => {
        const { name, timeZone, origin: origins, canary: isCanary } = options
        const added = await addTenant(db, { name, timeZone, origins, isCanary })
        const shown = {
          ...added,
          portal_url: portalUrlOf(publicUrl, added.read_token),
          snippet: snippetOf(publicUrl, added.site_key),
        }
        return [shown, columns(shown)]
      }),
    )

  command('list', 'all tenants').action((options) =>
    answer(options, async ({ db }) => {
      const tenants = await listTenants(db)
      const line = (each: (typeof tenants)[number]): string =>
        `${each.tenant_id}  ${each.disabled_at ? 'disabled' : 'enabled '}  ${cell(each.name)}  (${each.is_canary ? 'the canary' : each.origins.join(', ')})`
      return [tenants, tenants.map(line).join('\n') || 'No tenants yet: `leadlight tenant add` makes one']
    }),
  )

  ofTenant('show', 'one tenant with its origins and keys').action((id, options) =>
    answer(options, async ({ db }) => {
      const [found] = await listTenants(db, id)
      if (!found) throw noSuchTenant(id)
      const site_keys = found.site_keys.map((key) => key.site_key + (key.expires_at ? ` until ${key.expires_at}` : ''))
      return [
        found,
        columns({
          ...found,
          origins: found.origins.join(', '),
          mail: found.mail.join(', ') || 'off',
          site_keys: site_keys.join(', '),
        }),
      ]
    }),
  )

  const disabling = (verb: 'disable' | 'enable', description: string, disabled: boolean): Command =>
    ofTenant(verb, description).action((id, options) =>
      answer(options, async ({ db }) => {
        if (!(await setDisabled(db, id, disabled))) throw noSuchTenant(id)
        return [{ tenant_id: id, disabled }, `${id} is ${verb}d`]
      }),
    )
  disabling('disable', 'refuse its key and tokens, from 10 s on', true)
  disabling('enable', 'take its key and tokens again', false)

  ofTenant('delete', 'delete it with everything stored for it; takes some seconds').action((id, options) =>
    answer(options, async ({ as, erasureLog }) => {
      if (erasureLog) await logErasure(erasureLog, id, null)
      if (!(await deleteTenant(as('leadlight_eraser'), id))) throw noSuchTenant(id)
      return [{ tenant_id: id, deleted: true }, `${id} is deleted with all its events`]
    }),
  )

  ofTenant('update', 'change name, time zone, origins or the Monday mail')
    .option('--name <name>', 'new name', readName)
    .option('--time-zone <zone>', 'new time zone', readTimeZone)
    .option('--add-origin <url...>', 'take events from there too', collectOrigins)
    .option('--remove-origin <url...>', 'take none from there any more', collectOrigins)
    .option('--mail <addresses>', 'who gets last week’s numbers each Monday: name@example.com,…, or off', readAddresses)
    .action((id, options) =>
      answer(options, async ({ db }) => {
        const { name, timeZone, addOrigin: addOrigins = [], removeOrigin: removeOrigins = [], mail } = options
        if (!(await updateTenant(db, id, { name, timeZone, addOrigins, removeOrigins, mail }))) throw noSuchTenant(id)
        return [(await listTenants(db, id))[0], `${id} is updated`]
      }),
    )

  ofTenant('rotate-key', 'make a new site key; the old one stays for the overlap')
    .option('--overlap <duration>', 'how long the old key stays', readDuration, readDuration('30d'))
    .action((id, options) =>
      answer(options, async ({ db }) => {
        const site_key = await rotateKey(db, id, options.overlap)
        if (!site_key) throw noSuchTenant(id)
        return [{ site_key }, columns({ site_key })]
      }),
    )

  ofTenant('rotate-token', 'make a new read token; the old one ends after the overlap')
    .option('--overlap <duration>', 'how long the old token stays', readDuration, 0)
    .action((id, options) =>
      answer(options, async ({ db, publicUrl }) => {
        const read_token = await rotateToken(db, id, options.overlap)
        if (!read_token) throw noSuchTenant(id)
        const shown = { read_token, portal_url: portalUrlOf(publicUrl, read_token) }
        return [shown, columns(shown)]
      }),
    )
}
