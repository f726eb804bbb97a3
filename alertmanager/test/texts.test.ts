// What people read of an alert, in each kind of receiver, and that nothing a browser sent can become markup, a link or another header.
import { simpleParser } from 'mailparser'
import { inGroups, payloads } from 'stack/payloads'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { type Alert, startAlertmanager, startMailServer, startReceiver } from './alertmanager.ts'

t.setTimeout(300_000)

const receiver = await startReceiver(t)
const mail = await startMailServer(t)
const secret = `${t.testdir({ key: 'a-routing-key' })}/key`
const alertmanager = await startAlertmanager(
  t,
  {
    ON_CALL_URL: `${receiver.url}/on-call-webhook`,
    ON_CALL_EMAIL: 'on-call@example.com',
    ON_CALL_SLACK_URL: `${receiver.url}/slack`,
    ON_CALL_SLACK_CHANNEL: '#on-call',
    ON_CALL_PAGERDUTY_KEY_FILE: secret,
    PAGERDUTY_API: `${receiver.url}/pagerduty`,
    TICKETS_URL: `${receiver.url}/tickets-webhook`,
    TICKETS_SLACK_URL: `${receiver.url}/tickets`,
    SMTP_HOST: mail.host,
    SMTP_FROM: 'leadlight@example.com',
    GRAFANA_URL: 'http://grafana.example:3000/',
    OPERATIONS_URL: 'http://operations.example:8081',
  },
  { quick: true },
)

const page = {
  labels: { alertname: 'IngestDown', severity: 'critical', job: 'ingest-service' },
  annotations: {
    summary: 'No ingest-service answers.',
    description: 'Prometheus has reached no ingest-service for 20 s.',
    lost: 'Estimated from the same hours of past weeks: 120 visitors an hour with 4.5 leads, of 7 tenants.',
    dashboard: 'ingest',
    runbook_url: 'https://github.com/leadlight/leadlight/blob/main/runbooks/IngestDown.md',
  },
}
const hostile = {
  labels: {
    alertname: 'TenantApiErrorRateHigh',
    severity: 'warning',
    tenant_id:
      '<!channel> <https://evil.example|pay> *now*\r\nBcc: everyone@example.com {{ .ExternalURL }} <script>alert(1)</script>',
  },
  annotations: {
    summary: '<https://evil.example|click>',
    description: `${'x'.repeat(2_000)}<@U1>`,
    dashboard: '../../evil',
    runbook_url: 'javascript:alert(1)',
  },
}
await alertmanager.report([page, hostile])

const wholeText = [
  'Prometheus has reached no ingest-service for 20 s.',
  'Estimated from the same hours of past weeks: 120 visitors an hour with 4.5 leads, of 7 tenants.',
  /^Since \d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC$/,
  'Runbook: https://github.com/leadlight/leadlight/blob/main/runbooks/IngestDown.md',
  'Dashboard: http://grafana.example:3000/d/leadlight-ingest',
  '',
  'What is up and what is firing: http://operations.example:8081/',
]
const title = '[1 firing] IngestDown: No ingest-service answers.'

t.test('Slack is told what is lost and where to look', async (t) => {
  t.ok(await waitFor(() => receiver.of('slack').length > 0, { timeoutMs: 60_000 }))
  const { channel, attachments } = receiver.of('slack')[0]
  t.equal(channel, '#on-call')
  t.equal(attachments[0].title, title)
  t.match(attachments[0].text.split('\n'), wholeText)
})

t.test('PagerDuty is told the same, with the key from its file', async (t) => {
  t.ok(await waitFor(() => receiver.of('pagerduty').length > 0, { timeoutMs: 60_000 }))
  const { routing_key, event_action, payload } = receiver.of('pagerduty')[0]
  t.match(
    { routing_key, event_action, summary: payload.summary },
    { routing_key: 'a-routing-key', event_action: 'trigger', summary: title },
  )
  const { text, ...others } = payload.custom_details
  t.match(text.replace(/^\* /, '').split('\n'), wholeText)
  t.strictSame(others, { firing: null, resolved: null, num_firing: null, num_resolved: null }, 'no label as it came')
})

t.test('and so is the mail', async (t) => {
  t.ok(await waitFor(() => mail.mails.length > 0, { timeoutMs: 60_000 }))
  // lines are folded where they are long
  const text = (mail.mails[0] ?? '').replaceAll('=\n', '')
  t.match(text, /^Subject: \[1 firing\] IngestDown: No ingest-service answers\.$/m)
  t.match(text, /120 visitors an hour with 4\.5 leads/)
  t.match(text, /operations\.example:8081/)
  t.notMatch(text, /text\/html/)
})

t.test('injected labels are words without markup, links or length', async (t) => {
  t.ok(await waitFor(() => receiver.of('tickets').length > 0, { timeoutMs: 60_000 }))
  const { attachments } = receiver.of('tickets')[0]
  const { title, text, fallback } = attachments[0]
  const lines: string[] = text.split('\n')
  // the last line is the installation's own address
  for (const told of [title, lines.slice(0, -1).join('\n'), fallback]) {
    t.notMatch(told, /[<>|`*]/)
    t.notMatch(told, /evil\.example|:\/\//)
    t.ok(told.length < 1_000, `${told.length} characters`)
  }
  t.notMatch(text, /javascript|Dashboard|Runbook/)
  t.equal(lines.filter((line) => line.startsWith('Bcc')).length, 0)
  t.match(lines[1], /^Tenant: +channel +https evil example pay +now Bcc: everyone example com /)
})

/** The names of its header's lines, its subject, and its one part as text. */
async function readMail(mail: string) {
  const { headerLines, subject = '', text = '' } = await simpleParser(mail)
  return { names: headerLines.map(({ line }) => line.split(':')[0]), subject, text: text.trim() }
}

t.test('whatever any label or annotation holds, no receiver gets more than words', async (t) => {
  const webhooks = ['on-call-webhook', 'tickets-webhook']
  const paths = ['slack', 'pagerduty', 'tickets', ...webhooks]
  const namesIn = (path: string) =>
    new Set(
      receiver.of(path).flatMap(({ alerts }: { alerts: Alert[] }) => alerts.map(({ labels }) => labels.alertname)),
    )
  const heard = () => [mail.mails.length, ...paths.map((path) => receiver.of(path).length)]
  const [mailsBefore = 0, slackBefore, pagerBefore, ticketsBefore, ...webhooksBefore] = heard()
  const alertOf = (text: string, severity: string) => ({
    labels: { alertname: text, severity, tenant_id: text, instance: text, job: text, objective: text, host: text },
    annotations: { summary: text, description: text, lost: text, dashboard: text, runbook_url: text },
  })
  // a few at a time: each notification is given up after 10 s
  for (const some of inGroups(50)) {
    const before = heard()
    for (const severity of ['critical', 'warning'])
      t.equal((await alertmanager.report(some.map((text) => alertOf(text, severity)))).status, 200)
    // one that was slow to be taken is sent again: what can be told apart is
    const isAllHeard = () =>
      heard().every((count, place) => count - before[place]! >= some.length) &&
      webhooks.every((path) => some.every((text) => namesIn(path).has(text)))
    t.ok(await waitFor(isAllHeard, { timeoutMs: 60_000 }), 'one of each, to each receiver')
  }

  // on this installation's own pages, and on ours
  const links =
    /^(?:What is up and what is firing: http:\/\/operations\.example:8081\/|Dashboard: http:\/\/grafana\.example:3000\/d\/leadlight-[a-z-]+|Runbook: https:\/\/github\.com\/leadlight\/\S+)$/gm
  const plain = /^[\p{L}\p{N} .,:;%/()'+=[\]\n-]*$/u
  const said: string[] = []
  const shapes = new Set<string>()
  for (const path of ['slack', 'tickets'])
    for (const { attachments } of receiver.of(path).slice(path === 'slack' ? slackBefore : ticketsBefore)) {
      const { title, text, fallback, title_link = '', actions = [], fields = [] } = attachments[0]
      said.push(title, text, fallback)
      shapes.add(JSON.stringify({ title_link, actions, fields }))
    }
  for (const { payload, links: anchors = [], images = [] } of receiver.of('pagerduty').slice(pagerBefore)) {
    const { text, ...others } = payload.custom_details
    said.push(payload.summary, text.replace(/^\* /, ''))
    shapes.add(JSON.stringify({ anchors, images, others }))
  }
  for (const each of mail.mails.slice(mailsBefore)) {
    const { names, subject, text } = await readMail(each)
    said.push(subject, text)
    shapes.add(`${names.toSorted()}`)
  }
  t.strictSame([...shapes].toSorted(), [
    'Content-Type,Date,From,MIME-Version,Message-Id,Subject,To',
    '{"anchors":[],"images":[],"others":{"firing":null,"num_firing":null,"num_resolved":null,"resolved":null}}',
    '{"title_link":"","actions":[],"fields":[]}',
  ])
  t.ok(said.length >= 10 * payloads.length, `${said.length} texts`)
  const wrong = said.filter((text) => {
    const words = text.replaceAll(links, '')
    return !plain.test(words) || /:\/\/|\p{L}\.\p{L}{2}/u.test(words) || text.length > 2_500
  })
  t.strictSame(wrong, [])

  // which is read by programs: there each text is as it came, and stays within its quotes
  for (const [place, path] of webhooks.entries()) {
    const told = receiver
      .of(path)
      .slice(webhooksBefore[place])
      .flatMap(({ alerts }: { alerts: Alert[] }) => alerts)
    const severity = path === 'on-call-webhook' ? 'critical' : 'warning'
    const byName = new Map(told.map(({ labels, annotations }) => [labels.alertname, { labels, annotations }]))
    t.strictSame(byName, new Map(payloads.map((text) => [text, alertOf(text, severity)])), path)
  }
})
