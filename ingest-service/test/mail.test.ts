// Monday mails on a real SMTP server: what they say, when they go, and that each tenant gets one.
import { fileURLToPath } from 'node:url'
import { launchBrowser } from 'stack/browser'
import { type Child, startChild } from 'stack/child'
import { dose } from 'stack/dose'
import { payloads } from 'stack/payloads'
import { foreignMarkupOf, watchTrespasses } from 'stack/trespasses'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { rateOf } from '../src/analytics/rate.ts'
import { addTenant, setDisabled, updateTenant } from '../src/cli/tenants.ts'
import { openPool } from '../src/database.ts'
import { sendMondayMails } from '../src/mail/monday.ts'
import { lastMonday } from '../src/mail/report.ts'
import { compareCounts, compareRates } from '../src/mail/sentences.ts'
import { openTransport } from '../src/mail/transport.ts'
import { type Mailbox, openMailbox } from './mailbox.ts'
import { leadlight } from './program.ts'
import { batch, type Service, startService } from './service.ts'

t.setTimeout(400_000)

const program = fileURLToPath(new URL('mailing-process.ts', import.meta.url))
const hour = 3_600_000
/** Monday noon, UTC. */
const noon = Date.parse('2026-11-23T12:00:00Z')

const wants = (service: Service, tenantId: string, ...mail: string[]) =>
  updateTenant(service.owner, tenantId, { addOrigins: [], removeOrigins: [], mail })

async function addTenants({ owner }: Service, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const { tenant_id } = await addTenant(owner, { name: `Tenant ${n}`, timeZone: 'UTC', origins: [] })
    await updateTenant(owner, tenant_id, { addOrigins: [], removeOrigins: [], mail: [`t${n}@tenant.example`] })
    ids.push(tenant_id)
  }
  return ids
}

function openReplica(t: Test, { databaseUrl }: Service, url: string) {
  const pool = (role: 'leadlight_rollup' | 'leadlight_reader') => {
    const opened = openPool(databaseUrl, { role, size: 2, statementMs: 10_000, onError: () => {} })
    t.teardown(() => opened.end())
    return opened
  }
  const failures: string[] = []
  const mail = {
    db: pool('leadlight_rollup'),
    reader: pool('leadlight_reader'),
    transport: openTransport(url),
    from: 'Leadlight <leadlight@host.example>',
    publicUrl: 'https://lead.example',
    failed: (error: Error) => failures.push(error.message),
  }
  return { failures, send: (at: number) => sendMondayMails(mail, new Date(at)) }
}

function startReplica(t: Test, { databaseUrl }: Service, url: string): Child {
  const env = { DATABASE_URL: databaseUrl, SMTP_URL: url, NOW: new Date(noon).toISOString() }
  const child = startChild({ file: process.execPath, args: [program], env })
  for (const stream of [child.stdout, child.stderr]) stream.resume()
  t.teardown(() => child.stop(1_000))
  return child
}

/** How many messages each recipient has, of those that want any. */
const countByRecipient = ({ messages }: Mailbox) => {
  const counts = new Map<string, number>()
  for (const { to } of messages) {
    const address = (Array.isArray(to) ? to[0] : to)?.text ?? ''
    counts.set(address, (counts.get(address) ?? 0) + 1)
  }
  return counts
}

t.test('a mail says in five sentences what the week was like, as text and as HTML with its picture', async (t) => {
  const service = await startService(t, { now: () => noon - 60 * hour, timeZone: 'UTC' })
  const { post, tenant, countUp, owner } = service
  await updateTenant(owner, tenant.tenant_id, { name: '<b>Roofs & Sons</b>', addOrigins: [], removeOrigins: [] })
  await wants(service, tenant.tenant_id, 'boss@roofs.example', 'office@roofs.example')
  const visit = async (types: string[]) => {
    const ms = noon - 70 * hour
    const session_id = uuid7(ms)
    const properties: Record<string, object> = {
      widget_loaded: { load_ms: 1 },
      message_sent: { position: 1 },
      lead_captured: { contact: 'phone' },
      widget_error: { error_type: 'TypeError' },
    }
    const events = types.map((type, i) => ({ id: uuid7(ms + i), type, session_id, properties: properties[type] ?? {} }))
    const sent_at = new Date(noon - 60 * hour).toISOString()
    t.match(await post(batch(tenant.site_key, events, { sent_at })), { body: { rejected: [] } })
  }
  const opened = ['widget_loaded', 'widget_opened']
  for (let n = 0; n < 8; n++) await visit(opened)
  for (let n = 0; n < 20; n++) await visit(['widget_loaded'])
  for (let n = 0; n < 6; n++) await visit([...opened, 'message_sent'])
  await visit([...opened, 'message_sent', 'lead_captured', 'widget_error'])
  await countUp()

  const mailbox = await openMailbox(t)
  const replica = openReplica(t, service, mailbox.url)
  t.equal(await replica.send(noon), 1)
  t.strictSame(replica.failures, [])
  t.equal(mailbox.messages.length, 1)
  const [message] = mailbox.messages
  t.equal(message?.subject, '<b>Roofs & Sons</b>: your widget, 16 – 22 November 2026')
  t.strictSame(
    [message?.to].flat().map((each) => each?.text),
    ['boss@roofs.example, office@roofs.example'],
  )
  t.equal(message?.from?.text, '"Leadlight" <leadlight@host.example>')
  const text = message?.text ?? ''
  for (const sentence of [
    '35 visits loaded your widget, and there is no week before to compare with.',
    'It was opened in 15 (43%).',
    'Of those who opened it, 1 (7%) left a contact, and none asked for a quote.',
    'The biggest drop after that is before writing a message: 8 of the 15 who came that far stopped there.',
    'The one lead met a fault of the widget on the way; your portal shows which.',
    'https://lead.example/portal/',
  ])
    t.match(text, sentence)
  const html = String(message?.html)
  t.match(html, '&lt;b&gt;Roofs &amp; Sons&lt;/b&gt;')
  t.notMatch(html, '<b>Roofs')
  t.match(
    html,
    'alt="35 saw the widget, 15 opened it, 7 wrote, 0 got an estimate, 0 left a contact, 0 asked for a quote"',
  )
  const [picture] = message?.attachments ?? []
  t.match(picture, { contentType: 'image/png', related: true, cid: 'funnel@leadlight' })
  t.equal(picture?.content.subarray(1, 4).toString(), 'PNG')
})

t.test('a mail to a tenant of any name is one mail with our header, and its HTML shows the name as text', async (t) => {
  const service = await startService(t, { now: () => noon })
  const mailbox = await openMailbox(t)
  const replica = openReplica(t, service, mailbox.url)
  for (const name of payloads) {
    const { tenant_id } = await addTenant(service.owner, { name, timeZone: 'UTC', origins: [] })
    await wants(service, tenant_id, 'boss@roofs.example')
  }
  t.equal(await replica.send(noon), payloads.length)
  t.equal(mailbox.messages.length, payloads.length)
  const shapes = mailbox.messages.map(({ headerLines, attachments }) =>
    [...headerLines.map(({ key }) => key), ...attachments.map(({ contentType }) => contentType)].join(' '),
  )
  t.strictSame(
    [...new Set(shapes)],
    ['auto-submitted from to subject message-id date mime-version content-type image/png'],
  )
  t.strictSame(
    mailbox.messages.filter(
      ({ to, subject = '' }) => [to].flat()[0]?.text !== 'boss@roofs.example' || /[\r\n]/.test(subject),
    ),
    [],
  )
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const context = await browser.newContext()
  const trespasses = await watchTrespasses(context, () => 'https://lead.example')
  const page = await context.newPage()
  const markup: string[] = []
  const titles: (string | null)[] = []
  for (const { html } of mailbox.messages) {
    // without the picture, which comes with the mail
    await page.setContent(String(html).replace(/<img src="data:image[^>]*>/, ''))
    titles.push(await page.locator('h1').textContent())
    markup.push(...(await foreignMarkupOf(page, ['https://lead.example/portal/'])))
  }
  t.strictSame(titles.toSorted(), payloads.map((name) => name.replace(/\r\n?/g, '\n')).toSorted())
  t.strictSame(markup.slice(0, 5), [])
  t.strictSame(trespasses, [])
})

t.test('it goes on Monday at 7:00 by the clock of each tenant, once, and to nobody who does not want it', async (t) => {
  const service = await startService(t)
  const { owner, tenant, other } = service
  const ids = Object.fromEntries(
    await Promise.all(
      ['Asia/Kolkata', 'Europe/Vienna', 'America/New_York'].map(async (timeZone) => {
        const { tenant_id } = await addTenant(owner, { name: timeZone, timeZone, origins: [] })
        await wants(service, tenant_id, `${timeZone.slice(-4).toLowerCase()}@zone.example`)
        return [timeZone, tenant_id]
      }),
    ),
  )
  await wants(service, other.tenant_id, 'disabled@zone.example')
  await setDisabled(owner, other.tenant_id, true)
  await wants(service, tenant.tenant_id, 'changed-its-mind@zone.example')
  await wants(service, tenant.tenant_id)
  const mailbox = await openMailbox(t)
  const { send } = openReplica(t, service, mailbox.url)
  const sentBy = async (time: string) => {
    await send(Date.parse(time))
    return [...countByRecipient(mailbox).keys()].map((address) => address.slice(0, 4))
  }
  t.strictSame(await sentBy('2026-11-23T01:29:59Z'), [])
  t.strictSame(await sentBy('2026-11-23T01:30:00Z'), ['kata'])
  t.strictSame(await sentBy('2026-11-23T05:59:59Z'), ['kata'])
  t.strictSame(await sentBy('2026-11-23T06:00:00Z'), ['kata', 'enna'])
  t.strictSame(await sentBy('2026-11-23T12:00:00Z'), ['kata', 'enna', 'york'])
  t.strictSame(await sentBy('2026-11-24T12:00:00Z'), ['kata', 'enna', 'york'])
  t.equal(mailbox.messages.length, 3)
  t.match(await sentBy('2026-11-30T12:00:00Z'), ['kata', 'enna', 'york'])
  t.equal(mailbox.messages.length, 6, 'and again the week after')
  t.match(mailbox.messages.at(-1)?.messageId, new RegExp(`^<2026-11-23\\.${ids['America/New_York']}@host\\.example>$`))
})

t.test('two replicas, killed half-way: each tenant exactly one', async (t) => {
  const service = await startService(t)
  const tenants = dose({ short: 12, long: 200 })
  await addTenants(service, tenants)
  let victim: Child | undefined
  const mailbox = await openMailbox(t, {
    // in the middle of the next message, before it is taken
    arriving() {
      if (victim && mailbox.messages.length === tenants / 2) {
        process.kill(victim.pid, 'SIGKILL')
        victim = undefined
      }
    },
  })
  const first = startReplica(t, service, mailbox.url)
  victim = first
  t.ok(await waitFor(() => mailbox.messages.length > 0, { timeoutMs: 30_000, intervalMs: 5 }))
  startReplica(t, service, mailbox.url)
  await first.exited
  t.ok(await waitFor(() => mailbox.messages.length >= tenants, { timeoutMs: 60_000 }), 'the other one goes on')
  const { send } = openReplica(t, service, mailbox.url)
  t.ok(await waitFor(async () => (await send(noon)) === 0, { timeoutMs: 30_000 }), 'nothing is left to send')
  t.strictSame([...countByRecipient(mailbox).values()], Array(tenants).fill(1))
})

t.test('killed after the server took a mail and before it said so, it comes twice, as one and the same', async (t) => {
  const service = await startService(t)
  await addTenants(service, 3)
  let victim: Child | undefined
  const mailbox = await openMailbox(t, {
    async taken() {
      if (!victim || mailbox.messages.length !== 2) return
      process.kill(victim.pid, 'SIGKILL')
      await victim.exited
    },
  })
  victim = startReplica(t, service, mailbox.url)
  await victim.exited
  const { send } = openReplica(t, service, mailbox.url)
  t.ok(await waitFor(async () => (await send(noon)) === 2, { timeoutMs: 30_000 }), 'the one in doubt and the last one')
  t.strictSame([...countByRecipient(mailbox).values()].sort(), [1, 1, 2])
  t.equal(new Set(mailbox.messages.map(({ messageId }) => messageId)).size, 3, 'told apart by their Message-IDs')
})

t.test('what the server refuses is tried again, less and less often, and keeps nobody else waiting', async (t) => {
  const service = await startService(t)
  await addTenants(service, 2)
  let refusals = 0
  const mailbox = await openMailbox(t, {
    arriving() {
      if (refusals++ === 0) throw Object.assign(new Error('try again later'), { responseCode: 451 })
    },
  })
  const { send, failures } = openReplica(t, service, mailbox.url)
  t.equal(await send(noon), 1)
  t.match(failures, [/try again later/])
  t.equal(await send(noon + 30_000), 0, 'not yet')
  t.equal(await send(noon + 61_000), 1)
  t.equal(mailbox.messages.length, 2)
})

t.test('the week of a mail is the last one that is over, by the tenant’s clock', async (t) => {
  t.equal(lastMonday('UTC', new Date('2026-11-23T00:00:00Z')), '2026-11-16')
  t.equal(lastMonday('UTC', new Date('2026-11-22T23:59:59Z')), '2026-11-09')
  t.equal(lastMonday('Pacific/Auckland', new Date('2026-11-22T12:00:00Z')), '2026-11-16', 'there it is Monday')
})

t.test('a change is named only when it is more than chance', async (t) => {
  const rates = [
    [rateOf(30, 100), rateOf(28, 100), 'about the same as'],
    [rateOf(300, 1000), rateOf(200, 1000), 'a larger share than'],
    [rateOf(0, 40), rateOf(9, 12), 'a smaller share than'],
    // twice as much, of almost nobody
    [rateOf(2, 5), rateOf(1, 5), 'about the same as'],
  ] as const
  for (const [now, before, words] of rates) t.match(compareRates(now, before), words)
  t.equal(compareRates(rateOf(1, 2), rateOf(0, 0)), '')
  t.equal(compareCounts(110, 100), ', about the same as the week before (100)')
  t.equal(compareCounts(1_300, 1_000), ', more than the week before (1,000)')
  t.equal(compareCounts(4, 20), ', fewer than the week before (20)')
})

t.test('a week without anyone is said in two sentences', async (t) => {
  const service = await startService(t)
  const mailbox = await openMailbox(t)
  await wants(service, service.tenant.tenant_id, 'boss@roofs.example')
  await openReplica(t, service, mailbox.url).send(noon)
  t.match(mailbox.messages[0]?.text, /Nobody loaded your widget last week\.\n\nIs it still on your pages\?/)
})

t.test('the operator turns it on and off, and sees it before anyone does', async (t) => {
  const { databaseUrl, tenant } = await startService(t)
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: 'https://lead.example' }
  const run = (...args: string[]) => leadlight(env, ...args)
  const id = tenant.tenant_id
  t.match(run('tenant', 'show', id), { stdout: /^mail +off$/m })
  t.match(run('tenant', 'update', id, '--mail', 'nobody'), { status: 2, stderr: /is no address/ })
  t.equal(run('tenant', 'update', id, '--mail', 'b@roofs.example, a@roofs.example').status, 0)
  t.match(run('tenant', 'show', id), { stdout: /^mail +a@roofs\.example, b@roofs\.example$/m })
  t.match(run('mail', 'preview', id), {
    status: 0,
    stdout: /^To: a@roofs\.example, b@roofs\.example\nSubject: Acme: your widget, /,
  })
  t.match(run('mail', 'preview', id, '--html'), { status: 0, stdout: /<img src="data:image\/png;base64,/ })
  t.equal(run('tenant', 'update', id, '--name', 'Acme Roofs').status, 0)
  t.match(run('tenant', 'show', id), { stdout: /^mail +a@/m }, 'another change leaves it alone')
  t.match(run('doctor'), { stdout: /^warning +Monday mail: 1 asked for it, and SMTP_URL is not set/m })
  t.equal(run('tenant', 'update', id, '--mail', 'off').status, 0)
  t.match(run('tenant', 'show', id), { stdout: /^mail +off$/m })
})
