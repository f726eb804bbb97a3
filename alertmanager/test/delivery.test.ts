// A real Alertmanager tells real receivers: in the right box, soon, grouped, muted where something worse says it all, and resolved.
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import t from 'tap'

t.setTimeout(180_000)

type Labels = Record<string, string>
type Notification = { status: string; alerts: { status: string; labels: Labels }[] }

const configFile = fileURLToPath(new URL('../alertmanager.yml', import.meta.url))
const boxes: Record<string, Notification[]> = { 'on-call': [], tickets: [], watchdog: [] }

const receiver = createServer(async (request, response) => {
  boxes[request.url?.slice(1) ?? '']?.push((await json(request)) as Notification)
  response.end()
}).listen(0, '127.0.0.1')
await once(receiver, 'listening')
t.teardown(() => {
  receiver.closeAllConnections()
  receiver.close()
})

const directory = mkdtempSync(`${tmpdir()}/leadlight-alertmanager-`)
t.teardown(() => rmSync(directory, { recursive: true }))
mkdirSync(`${directory}/receivers`)
for (const box of Object.keys(boxes))
  writeFileSync(
    `${directory}/receivers/${box}.url`,
    `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${box}\n`,
  )
const url = `http://127.0.0.1:${await freePort()}`
const alertmanager = startChild({
  file: await toolPath('alertmanager'),
  args: [
    `--config.file=${configFile}`,
    `--storage.path=${directory}/data`,
    `--web.listen-address=${new URL(url).host}`,
    '--cluster.listen-address=',
  ],
  // receivers' addresses are read relative to it
  cwd: directory,
})
alertmanager.stderr.resume()
t.teardown(() => {
  alertmanager.kill()
  return alertmanager.exited
})
const ready = () =>
  fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
if (!(await waitFor(ready, { timeoutMs: 20_000 }))) throw new Error('Alertmanager did not become ready')

/** Reports the alerts as Prometheus does, firing unless they have an end. */
const report = (alerts: { labels: Labels; endsAt?: string }[]) =>
  fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts),
  })

const names = (box: string, status: string) =>
  (boxes[box] ?? []).flatMap(({ alerts }) =>
    alerts.filter((alert) => alert.status === status).map(({ labels }) => `${labels.alertname}/${labels.job ?? ''}`),
  )
const arrives = (box: string, name: string, status = 'firing', timeoutMs = 45_000) =>
  waitFor(() => names(box, status).includes(name), { timeoutMs })

const critical = { labels: { alertname: 'IngestDown', severity: 'critical', job: 'ingest-service' } }
const pageWithoutJob = { labels: { alertname: 'EventsAvailabilityBurningFast', severity: 'critical', route: 'events' } }
const warning = { labels: { alertname: 'WidgetApiErrorRateHigh', severity: 'warning' } }
const muted = { labels: { alertname: 'IngestReplicaDown', severity: 'warning', job: 'ingest-service', instance: 'a' } }
const elsewhere = { labels: { alertname: 'OtherWarning', severity: 'warning', job: 'collector' } }
const watchdog = { labels: { alertname: 'Watchdog', severity: 'none' } }

const startedMs = Date.now()
await report([critical, pageWithoutJob, warning, muted, elsewhere, watchdog])

t.test('the watchdog arrives at once', async (t) => {
  t.ok(await arrives('watchdog', 'Watchdog/', 'firing', 5_000))
})

t.test('what is critical is with on-call within 20 s', async (t) => {
  t.ok(await arrives('on-call', 'IngestDown/ingest-service'))
  t.ok(await arrives('on-call', 'EventsAvailabilityBurningFast/'))
  t.ok(Date.now() - startedMs < 20_000)
})

t.test('a warning is a ticket within 45 s, also beside a page that has no job either', async (t) => {
  t.ok(await arrives('tickets', 'WidgetApiErrorRateHigh/'))
  t.ok(await arrives('tickets', 'OtherWarning/collector'))
})

t.test('a warning about a part that is already paged for is muted', async (t) => {
  // its group was due together with the tickets that have arrived; the next round would come a group_interval later
  const response = await fetch(`${url}/api/v2/alerts?filter=${encodeURIComponent('alertname="IngestReplicaDown"')}`)
  const [alert] = (await response.json()) as { status: { state: string } }[]
  t.equal(alert?.status.state, 'suppressed')
  t.notOk(names('tickets', 'firing').includes('IngestReplicaDown/ingest-service'))
})

t.test('nothing is in two boxes', async (t) => {
  const all = Object.keys(boxes).flatMap((box) => [...new Set(names(box, 'firing'))])
  t.strictSame(all, [...new Set(all)])
})

t.test('on-call hears within a minute or so that it is over', async (t) => {
  await report([{ ...critical, endsAt: new Date().toISOString() }])
  t.ok(await arrives('on-call', 'IngestDown/ingest-service', 'resolved', 80_000))
})
