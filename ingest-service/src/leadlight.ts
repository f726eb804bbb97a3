// The operator's program: `leadlight`.
import { Command } from 'commander'
import type pg from 'pg'
import { collectOrigins, readDuration, readId, readName, readTimeZone } from './cli/arguments.ts'
import { findConnection } from './cli/connection.ts'
import { addTenant, listTenants, rotateKey, rotateToken, setDisabled, updateTenant } from './cli/tenants.ts'
import { openPool } from './database.ts'
import { migrate } from './migrate.ts'

const json = ['--json', 'print one JSON value and nothing else'] as const
const noSuchTenant = (id: string): Error => new Error(`There is no tenant ${id}; \`leadlight tenant list\` shows them`)

const program = new Command('leadlight')
  .description('Runs Leadlight: tenants, keys, the schema')
  .showHelpAfterError('(--help shows how)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

program
  .command('migrate')
  .description('bring the database to the newest schema')
  .option(...json)
  .action((options) =>
    withDatabase(options, async (db) => {
      const applied = await migrate(db)
      return [{ applied }, applied.length === 0 ? 'The schema is up to date' : `Applied ${applied.join(', ')}`]
    }),
  )

const tenant = program.command('tenant').description('tenants, their keys and tokens')

tenant
  .command('add')
  .description('add a contractor; the read token is shown this once')
  .requiredOption('--name <name>', 'as the portal shows it', readName)
  .requiredOption(
    '--origin <url>',
    'where the widget may run, such as https://www.example.com; may be repeated',
    collectOrigins,
  )
  .requiredOption('--time-zone <zone>', 'such as Europe/Vienna; days begin there', readTimeZone)
  .option(...json)
  .action((options) =>
    withDatabase(options, async (db, publicUrl) => {
      const added = await addTenant(db, { name: options.name, timeZone: options.timeZone, origins: options.origin })
      const shown = {
        ...added,
        portal_url: `${publicUrl}/portal/#token=${added.read_token}`,
        snippet: `<script async src="${publicUrl}/widget.js" data-site-key="${added.site_key}"></script>`,
      }
      return [shown, lines(shown)]
    }),
  )

tenant
  .command('list')
  .description('all tenants')
  .option(...json)
  .action((options) =>
    withDatabase(options, async (db) => {
      const tenants = await listTenants(db)
      const line = (each: (typeof tenants)[number]) =>
        `${each.tenant_id}  ${each.disabled_at ? 'disabled' : 'enabled '}  ${each.name}  (${each.origins.join(', ')})`
      return [tenants, tenants.map(line).join('\n') || 'No tenants yet: `leadlight tenant add` makes one']
    }),
  )

tenant
  .command('show')
  .description('one tenant with its origins and keys')
  .argument('<id>', 'tenant id', readId)
  .option(...json)
  .action((id, options) =>
    withDatabase(options, async (db) => {
      const [found] = await listTenants(db, id)
      if (!found) throw noSuchTenant(id)
      const site_keys = found.site_keys.map((key) => key.site_key + (key.expires_at ? ` until ${key.expires_at}` : ''))
      return [found, lines({ ...found, origins: found.origins.join(', '), site_keys: site_keys.join(', ') })]
    }),
  )

for (const [verb, disabled] of [
  ['disable', true],
  ['enable', false],
] as const) {
  tenant
    .command(verb)
    .description(disabled ? 'refuse its key and tokens, from 10 s on' : 'take its key and tokens again')
    .argument('<id>', 'tenant id', readId)
    .option(...json)
    .action((id, options) =>
      withDatabase(options, async (db) => {
        if (!(await setDisabled(db, id, disabled))) throw noSuchTenant(id)
        return [{ tenant_id: id, disabled }, `${id} is ${verb}d`]
      }),
    )
}

tenant
  .command('update')
  .description('change name, time zone or origins')
  .argument('<id>', 'tenant id', readId)
  .option('--name <name>', 'new name', readName)
  .option('--time-zone <zone>', 'new time zone', readTimeZone)
  .option('--add-origin <url>', 'may be repeated', collectOrigins)
  .option('--remove-origin <url>', 'may be repeated', collectOrigins)
  .option(...json)
  .action((id, options) =>
    withDatabase(options, async (db) => {
      const { name, timeZone, addOrigin = [], removeOrigin = [] } = options
      if (!(await updateTenant(db, id, { name, timeZone, addOrigins: addOrigin, removeOrigins: removeOrigin }))) {
        throw noSuchTenant(id)
      }
      const [now] = await listTenants(db, id)
      return [now, `${id} is updated`]
    }),
  )

tenant
  .command('rotate-key')
  .description('make a new site key; the old one stays for the overlap')
  .argument('<id>', 'tenant id', readId)
  .option('--overlap <duration>', 'how long the old key stays', readDuration, readDuration('30d'))
  .option(...json)
  .action((id, options) =>
    withDatabase(options, async (db) => {
      const site_key = await rotateKey(db, id, options.overlap)
      if (!site_key) throw noSuchTenant(id)
      return [{ site_key }, lines({ site_key })]
    }),
  )

tenant
  .command('rotate-token')
  .description('make a new read token; the old one ends after the overlap')
  .argument('<id>', 'tenant id', readId)
  .option('--overlap <duration>', 'how long the old token stays', readDuration, 0)
  .option(...json)
  .action((id, options) =>
    withDatabase(options, async (db, publicUrl) => {
      const read_token = await rotateToken(db, id, options.overlap)
      if (!read_token) throw noSuchTenant(id)
      const shown = { read_token, portal_url: `${publicUrl}/portal/#token=${read_token}` }
      return [shown, lines(shown)]
    }),
  )

await program.parseAsync()

/** Runs one command and prints its answer: the value with --json, otherwise the text. */
async function withDatabase(
  options: { json?: boolean },
  run: (db: pg.Pool, publicUrl: string) => Promise<[value: unknown, text: string]>,
): Promise<void> {
  let db: pg.Pool | undefined
  try {
    const { databaseUrl, publicUrl } = findConnection(process.env)
    db = openPool(databaseUrl, { size: 1, statementMs: 60_000, onError: () => {} })
    const [value, text] = await run(db, publicUrl)
    process.stdout.write(`${options.json ? JSON.stringify(value) : text}\n`)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    const hint = code === '42P01' || code === '3F000' ? '. Run `leadlight migrate` first' : ''
    process.stderr.write(`leadlight: ${message || code}${hint}\n`)
    process.exitCode = 1
  } finally {
    await db?.end()
  }
}

function lines(values: Record<string, unknown>): string {
  const width = Math.max(...Object.keys(values).map((key) => key.length))
  return Object.entries(values)
    .map(([key, value]) => `${key.padEnd(width)}  ${value instanceof Date ? value.toISOString() : (value ?? '–')}`)
    .join('\n')
}
