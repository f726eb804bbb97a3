// `leadlight mail …`: what a contractor gets on Mondays.
import type { Command } from 'commander'
import { writeLetter } from '../mail/letter.ts'
import { lastMonday, makeReport } from '../mail/report.ts'
import { readId } from './arguments.ts'
import { answer, noSuchTenant } from './run.ts'
import { listTenants } from './tenants.ts'

/** Adds the commands to the program. */
export function mailCommands(program: Command): void {
  program
    .command('mail')
    .description('the Monday mails')
    .command('preview')
    .description('the mail about the last whole week, as it would be sent now; sends nothing')
    .argument('<id>', 'tenant id', readId)
    .option('--html', 'as HTML, for a browser, instead of as text')
    .option('--json', 'print one JSON value and nothing else')
    .action((id, options) =>
      answer(options, async ({ db, as, publicUrl }) => {
        const [tenant] = await listTenants(db, id)
        if (!tenant) throw noSuchTenant(id)
        const recipient = { tenantId: id, name: tenant.name, timeZone: tenant.time_zone }
        const report = await makeReport(as('leadlight_reader'), recipient, lastMonday(tenant.time_zone, new Date()))
        const { subject, text, picture } = writeLetter(report, publicUrl)
        const { html } = writeLetter(report, publicUrl, `data:image/png;base64,${picture.toString('base64')}`)
        const shown = options.html
          ? html
          : `To: ${tenant.mail.join(', ') || '(nobody yet)'}\nSubject: ${subject}\n\n${text}`
        return [{ to: tenant.mail, subject, text, html }, shown]
      }),
    )
}
