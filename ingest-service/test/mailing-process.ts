// A replica that looks after the Monday mails as a process of its own, for the tests to kill.
import { openPool } from '../src/database.ts'
import { sendMondayMails } from '../src/mail/monday.ts'
import { openTransport } from '../src/mail/transport.ts'

const { DATABASE_URL = '', SMTP_URL = '', NOW = '' } = process.env
const pool = (role: 'leadlight_rollup' | 'leadlight_reader') =>
  openPool(DATABASE_URL, { role, size: 2, statementMs: 10_000, onError: () => {} })
const mail = {
  db: pool('leadlight_rollup'),
  reader: pool('leadlight_reader'),
  transport: openTransport(SMTP_URL),
  from: 'Leadlight <leadlight@host.example>',
  publicUrl: 'https://lead.example',
  failed: () => {},
}
for (;;) await sendMondayMails(mail, new Date(NOW))
