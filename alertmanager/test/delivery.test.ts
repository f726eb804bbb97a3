// A real Alertmanager tells real receivers: in the right box, soon, grouped, muted where something worse says it all, and resolved.
import { waitFor } from 'stack/wait'
import t from 'tap'
import { type Notification, startAlertmanager, startReceiver } from './alertmanager.ts'

t.setTimeout(240_000)

const receiver = await startReceiver(t)
const alertmanager = await startAlertmanager(t, {
  ON_CALL_URL: `${receiver.url}/on-call`,
  TICKETS_URL: `${receiver.url}/tickets`,
  DEADMAN_URL: `${receiver.url}/watchdog`,
})
const boxes = ['on-call', 'tickets', 'watchdog']

const names = (box: string, status: string) =>
  (receiver.of(box) as Notification[]).flatMap(({ alerts }) =>
    alerts.filter((alert) => alert.status === status).map(({ labels }) => `${labels.alertname}/${labels.job ?? ''}`),
  )
const arrives = (box: string, name: string, status = 'firing', timeoutMs = 90_000) =>
  waitFor(() => names(box, status).includes(name), { timeoutMs })

const critical = { labels: { alertname: 'IngestDown', severity: 'critical', job: 'ingest-service' } }
const other = { labels: { alertname: 'PartitionsRunningOut', severity: 'critical' } }
const warning = { labels: { alertname: 'WidgetLoadSlow', severity: 'warning' } }
const muted = { labels: { alertname: 'IngestReplicaDown', severity: 'warning', job: 'ingest-service', instance: 'a' } }
const follows = { labels: { alertname: 'CanaryFailing', severity: 'critical', check: 'event' } }
const elsewhere = { labels: { alertname: 'OtherWarning', severity: 'warning', job: 'collector' } }
const watchdog = { labels: { alertname: 'Watchdog', severity: 'none' } }
const silenced = { labels: { alertname: 'BackupOld', severity: 'warning' } }
const members = ['a', 'b', 'c'].map((tenant_id) => ({
  labels: { alertname: 'TenantApiErrorRateHigh', severity: 'warning', tenant_id },
}))

await fetch(`${alertmanager.url}/api/v2/silences`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    matchers: [{ name: 'alertname', value: 'BackupOld', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'a test',
    comment: 'moving the backups',
  }),
})
const startedMs = Date.now()
await alertmanager.report([critical, other, warning, muted, follows, elsewhere, watchdog, silenced, ...members])

t.test('the watchdog arrives at once', async (t) => {
  t.ok(await arrives('watchdog', 'Watchdog/'))
})

t.test('what is critical is with on-call after its group_wait of 10 s', async (t) => {
  t.ok(await arrives('on-call', 'IngestDown/ingest-service'))
  t.ok(await arrives('on-call', 'PartitionsRunningOut/'))
  t.comment(`${Date.now() - startedMs} ms after the report`)
})

t.test('a warning is a ticket, also beside a page that has no job either', async (t) => {
  t.ok(await arrives('tickets', 'WidgetLoadSlow/'))
  t.ok(await arrives('tickets', 'OtherWarning/collector'))
})

t.test('what happens to many tenants is one notification', async (t) => {
  t.ok(await arrives('tickets', 'TenantApiErrorRateHigh/'))
  const told = (receiver.of('tickets') as Notification[]).filter(({ alerts }) =>
    alerts.some(({ labels }) => labels.alertname === 'TenantApiErrorRateHigh'),
  )
  t.strictSame(
    told.map(({ alerts }) => alerts.map(({ labels }) => labels.tenant_id).sort()),
    [['a', 'b', 'c']],
  )
})

t.test('what follows from a part that is away, and what is silenced, is told to nobody', async (t) => {
  // their groups were due together with those that have arrived; the next round would come a group_interval later
  for (const name of ['IngestReplicaDown', 'CanaryFailing', 'BackupOld']) {
    t.equal(await alertmanager.stateOf(name), 'suppressed', name)
    t.notOk(
      boxes.some((box) => names(box, 'firing').some((told) => told.startsWith(`${name}/`))),
      name,
    )
  }
})

t.test('nothing is in two boxes', async (t) => {
  const all = boxes.flatMap((box) => [...new Set(names(box, 'firing'))])
  t.strictSame(all, [...new Set(all)])
})

t.test('on-call hears within a minute or so that it is over, and then of what was muted by it', async (t) => {
  await alertmanager.report([{ ...critical, endsAt: new Date().toISOString() }])
  t.ok(await arrives('on-call', 'IngestDown/ingest-service', 'resolved', 150_000))
  t.ok(await arrives('on-call', 'CanaryFailing/', 'firing', 150_000))
})
