// The operator's program: `leadlight`.
import { once } from 'node:events'
import { Command } from 'commander'
import { readRange } from './analytics/range.ts'
import { alertCommands } from './cli/alert-commands.ts'
import { readDate, readId } from './cli/arguments.ts'
import { mailCommands } from './cli/mail-commands.ts'
import { overviewCommands } from './cli/overview.ts'
import { answer, cell, forTerminal, noSuchTenant, withJson } from './cli/run.ts'
import { shareCommands } from './cli/share-commands.ts'
import { tenantCommands } from './cli/tenant-commands.ts'
import { listTenants } from './cli/tenants.ts'
import { examine } from './doctor.ts'
import { eraseSession, reapplyErasures } from './erasure.ts'
import { logErasure, readErasures } from './erasure-log.ts'
import { exportEvents } from './export.ts'
import { runRetention } from './maintenance.ts'
import { migrate } from './migrate.ts'
import { keptRejectsDays, listRejects } from './rejects.ts'

const program = new Command('leadlight')
  .description('Runs Leadlight: tenants, their data, the schema, a look at what is wrong')
  .showHelpAfterError('(--help shows how)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

withJson(program.command('migrate').description('bring the database to the newest schema')).action((options) =>
  answer(options, async ({ db }) => {
    const applied = await migrate(db)
    return [{ applied }, applied.length === 0 ? 'The schema is up to date' : `Applied ${applied.join(', ')}`]
  }),
)

tenantCommands(program)
mailCommands(program)
shareCommands(program)
overviewCommands(program)

program
  .command('export')
  .description('events of a tenant as NDJSON on standard output')
  .argument('<id>', 'tenant id', readId)
  .option('--from <date>', "first day, in the tenant's time zone; 30 days before the last unless given", readDate)
  .option('--to <date>', 'last day, inclusive; today unless given', readDate)
  .action((id, options) =>
    answer({}, async ({ db, as }) => {
      const [tenant] = await listTenants(db, id)
      if (!tenant) throw noSuchTenant(id)
      const range = readRange(options, tenant.time_zone, new Date())
      const write = async (lines: string): Promise<void> => {
        if (!process.stdout.write(forTerminal(lines))) await once(process.stdout, 'drain')
      }
      const source = { tenantId: id, timeZone: tenant.time_zone }
      const count = await exportEvents(as('leadlight_reader'), source, range, write)
      process.stderr.write(`${count} events from ${range.from} to ${range.to}\n`)
      return null
    }),
  )

withJson(
  program.command('rejects').description('what a tenant sent and was refused, for a week, as far as it was kept'),
)
  .argument('<id>', 'tenant id', readId)
  .action((id, options) =>
    answer(options, async ({ db }) => {
      const [tenant] = await listTenants(db, id)
      if (!tenant) throw noSuchTenant(id)
      const rejects = await listRejects(db, id)
      const text = rejects.map(({ reason, detail, times, rejected_at, excerpt }) =>
        [`${rejected_at.toISOString()}  ${reason}  ${times}x  ${cell(detail)}`, `  ${cell(excerpt)}`].join('\n'),
      )
      return [
        rejects,
        text.join('\n') || `Nothing of ${cell(tenant.name)} was refused in the last ${keptRejectsDays} days`,
      ]
    }),
  )

withJson(program.command('erase-session').description("delete a visitor's session for good; late copies stay out"))
  .argument('<id>', 'tenant id', readId)
  .argument('<session>', 'session id, as the visitor reads it from the widget', readId)
  .action((id, session, options) =>
    answer(options, async ({ as, erasureLog }) => {
      if (erasureLog) await logErasure(erasureLog, id, session)
      else
        process.stderr.write(
          'Not logged: set ERASURE_LOG to a file that no backup restores, so that a restore can erase it again\n',
        )
      const events = await eraseSession(as('leadlight_eraser'), id, session)
      return [{ session_id: session, events }, `${session} is erased: ${events} events deleted`]
    }),
  )

withJson(
  program
    .command('erasures')
    .description('what was erased, after a restore')
    .command('reapply')
    .description('after a restore: erase again what ERASURE_LOG says was erased'),
).action((options) =>
  answer(options, async ({ as, erasureLog }) => {
    if (!erasureLog) throw new Error('Set ERASURE_LOG to the file that `leadlight erase-session` wrote')
    const done = await reapplyErasures(as('leadlight_eraser'), await readErasures(erasureLog))
    return [done, `${done.sessions} sessions and ${done.tenants} tenants erased again: ${done.events} events deleted`]
  }),
)

withJson(
  program
    .command('retention')
    .description('how long events are kept')
    .command('run')
    .description('drop the days that are no longer kept, now'),
).action((options) =>
  answer(options, async ({ db }) => {
    const dropped = await runRetention(db, new Date())
    if (!dropped) throw new Error('Another process is at it right now')
    return [{ dropped }, dropped.length === 0 ? 'Nothing is old enough to be dropped' : `Dropped ${dropped.join(', ')}`]
  }),
)

withJson(program.command('doctor').description('check configuration and connections, and say what to do')).action(
  (options) =>
    answer(options, async (context) => {
      const findings = await examine(context.db, context, process.env)
      if (findings.some((finding) => finding.state === 'failed')) process.exitCode = 1
      const line = ({ check, state, detail }: (typeof findings)[number]): string =>
        `${state.padEnd(7)}  ${check}: ${detail}`
      return [findings, findings.map(line).join('\n')]
    }),
)

alertCommands(program)

await program.parseAsync()
