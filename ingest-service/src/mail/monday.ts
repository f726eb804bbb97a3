// Sends each tenant that wants it last week's numbers, on Monday at 7:00 by its own clock, from whichever replica.
import type { Transporter } from 'nodemailer'
import type pg from 'pg'
import { type Letter, pictureId, writeLetter } from './letter.ts'
import { makeReport, type Recipient } from './report.ts'

export type MondayMail = {
  /** Acts as `leadlight_rollup`. */
  db: pg.Pool
  /** Acts as `leadlight_reader`. */
  reader: pg.Pool
  transport: Pick<Transporter, 'sendMail'>
  from: string
  publicUrl: string
  /** Told of what could not be sent; it is tried again. */
  failed(error: Error, tenantId: string): void
}

/** The same number in every replica: one of them sends at a time. */
const mailLock = 7_231_005
/** A mail that comes later than this after Monday 7:00 is none of that Monday any more. */
const worthSending = "interval '2 days'"

type Due = Recipient & { week: string; addresses: string[] }

/**
 * Sends what is due. A mail counts as sent when the SMTP server has taken it; killed before that is written down, the next
 * replica sends it again with the same Message-ID, by which mail programs know it for the same.
 * @returns the number sent, or null when another replica is at it
 */
export async function sendMondayMails(mail: MondayMail, now: Date): Promise<number | null> {
  const client = await mail.db.connect()
  try {
    // held by the connection: whoever is killed lets go of it at once, and no transaction stays open while a server is slow
    const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${mailLock}) as locked`)
    if (!rows[0]!.locked) return null
    await schedule(client, now)
    let sent = 0
    for (const due of await listDue(client, now)) {
      try {
        await send(mail, due)
        await client.query(
          'update leadlight.weekly_mails set sent_at = $3, attempts = attempts + 1, tried_at = $3 where tenant_id = $1 and week = $2',
          [due.tenantId, due.week, now],
        )
        sent++
      } catch (error) {
        mail.failed(error as Error, due.tenantId)
        await client.query(
          'update leadlight.weekly_mails set attempts = attempts + 1, tried_at = $3 where tenant_id = $1 and week = $2',
          [due.tenantId, due.week, now],
        )
      }
    }
    return sent
  } finally {
    // without this the lock goes with the connection, a moment after whoever is next may have asked for it
    await client.query('select pg_advisory_unlock_all()').catch(() => {})
    client.release(true)
  }
}

/** Notes what is due since its Monday 7:00; what is noted already stays as it is. */
async function schedule(client: pg.ClientBase, now: Date): Promise<void> {
  await client.query(
    `insert into leadlight.weekly_mails (tenant_id, week, due_at)
     select tenant_id, monday::date - 7, (monday + interval '7 hours') at time zone time_zone
     from (
       select tenant_id, time_zone, date_trunc('week', $1::timestamptz at time zone time_zone) as monday
       from leadlight.tenants
       where disabled_at is null and not is_canary
         and exists (select 1 from leadlight.mail_addresses as mail where mail.tenant_id = tenants.tenant_id)
     ) as tenant
     where (monday + interval '7 hours') at time zone time_zone between $1::timestamptz - ${worthSending} and $1
     on conflict do nothing`,
    [now],
  )
}

/** Oldest first; what failed is tried again after 1, 2, 4, … minutes, at most an hour. */
async function listDue(client: pg.ClientBase, now: Date): Promise<Due[]> {
  const { rows } = await client.query<Due>(
    `select tenant_id as "tenantId", name, time_zone as "timeZone", week::text,
       (select array_agg(address order by address) from leadlight.mail_addresses as mail where mail.tenant_id = due.tenant_id) as addresses
     from leadlight.weekly_mails as due join leadlight.tenants using (tenant_id)
     where sent_at is null and disabled_at is null
       and due_at between $1::timestamptz - ${worthSending} and $1
       and (tried_at is null or tried_at <= $1::timestamptz - interval '1 minute' * least(60, 2 ^ (attempts - 1)))
       and exists (select 1 from leadlight.mail_addresses as mail where mail.tenant_id = due.tenant_id)
     order by due_at, tenant_id`,
    [now],
  )
  return rows
}

async function send({ reader, transport, from, publicUrl }: MondayMail, due: Due): Promise<void> {
  const letter = writeLetter(await makeReport(reader, due, due.week), publicUrl)
  await transport.sendMail(envelope(letter, due, from))
}

const envelope = ({ subject, text, html, picture }: Letter, { addresses, tenantId, week }: Due, from: string) => ({
  from,
  to: addresses,
  subject,
  text,
  html,
  // the same each time it is tried
  messageId: `<${week}.${tenantId}@${domainOf(from)}>`,
  attachments: [{ filename: 'funnel.png', content: picture, contentType: 'image/png', cid: pictureId }],
  // nobody's holiday notice should answer it
  headers: { 'Auto-Submitted': 'auto-generated' },
})

const domainOf = (from: string): string => /@([\w.-]+)/.exec(from)?.[1] ?? 'leadlight.invalid'
