// The fault table: each fault names the alert it must raise, and the rest stays quiet. Short: with patience cut to a tenth; long: as shipped.
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dose } from 'stack/dose'
import { freePorts } from 'stack/ports'
import { startStack } from 'stack/stack'
import { waitFor } from 'stack/wait'
import t from 'tap'

const seconds = 1_000
const minutes = 60 * seconds
const quick = dose({ short: true, long: false })
/** As long as it takes on a machine that is busy otherwise. */
const patienceMs = quick ? 3 * minutes : 20 * minutes

type Fault = { stopped: string; raises: string; box: 'on-call' | 'tickets' }

const faults: Fault[] = [
  { stopped: 'ingest-service', raises: 'IngestDown', box: 'on-call' },
  { stopped: 'postgres', raises: 'DatabaseDown', box: 'on-call' },
  { stopped: 'collector', raises: 'CollectorDown', box: 'on-call' },
  { stopped: 'jaeger', raises: 'CanaryTelemetryMissing', box: 'tickets' },
  { stopped: 'canary', raises: 'CanaryDown', box: 'tickets' },
]
/** Alerts besides the named one that a fault may raise. */
const extras = 1

const dataDir = await mkdtemp(join(tmpdir(), 'leadlight-alerting-'))
// PostgreSQL runs as a user of its own when root starts it
await chmod(dataDir, 0o711)
t.teardown(() => rm(dataDir, { recursive: true, force: true }))

const unitSeconds = { s: 1, m: 60, h: 3_600 }
/** Shorter ones stay as long as a start may take. */
const fewestSeconds = { for: 5, scrape_timeout: 1 }
const tenth = (text: string, name: string) =>
  text.replace(/(\d+)(s|m|h)$/, (_, count, unit: keyof typeof unitSeconds) => {
    const seconds = Math.round((count * unitSeconds[unit]) / 10)
    return `${Math.max(fewestSeconds[name as 'for'] ?? 1, seconds)}s`
  })

/** A copy of a directory of configuration whose lines that match have a tenth of their patience. */
async function hasten(name: 'prometheus' | 'alertmanager', pattern: RegExp): Promise<string> {
  const copy = join(dataDir, `${name}-source`)
  await cp(join(import.meta.dirname, '../..', name), copy, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  for (const file of await readdir(copy, { recursive: true })) {
    if (!file.endsWith('.yml')) continue
    const text = await readFile(join(copy, file), 'utf8')
    await writeFile(join(copy, file), text.replace(pattern, tenth))
  }
  return copy
}
const config = quick
  ? {
      // the canary's patience stands in seconds: 180 and 600
      prometheusSource: await hasten(
        'prometheus',
        /(scrape_interval|scrape_timeout|evaluation_interval|for): \w+/g,
      ).then(async (copy) => {
        const file = join(copy, 'rules/canary.yml')
        await writeFile(file, (await readFile(file, 'utf8')).replace(/> 180$/m, '> 30').replace(/> 600$/m, '> 45'))
        return copy
      }),
      alertmanagerSource: await hasten('alertmanager', /(group_wait|group_interval): \w+/g),
      canaryIntervalSeconds: 10,
    }
  : {}
const stack = await startStack({ dataDir, ports: await freePorts(), log: (line) => t.comment(line), config })
t.teardown(() => stack.close())
await stack.ready

type Alert = { status: string; labels: Record<string, string>; startsAt: string; receivedAt: string }

const read = async <T>(url: string): Promise<T | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(5 * seconds) }).then(
    (response) => response.json() as Promise<T>,
    () => undefined,
  )
const at = (port: number, path: string) => `http://127.0.0.1:${port}${path}`
const box = async (name: Fault['box']): Promise<Alert[]> => (await read(at(stack.ports.ALERTS_PORT, `/${name}`))) ?? []
const told = async () => [...(await box('on-call')), ...(await box('tickets'))]
/** What Prometheus holds to be firing, whether somebody was told or not. */
async function firing(): Promise<string[] | undefined> {
  const query = encodeURIComponent('ALERTS{alertstate="firing", severity!="none"}')
  const answer = await read<{ data: { result: { metric: Record<string, string> }[] } }>(
    at(stack.ports.PROMETHEUS_PORT, `/api/v1/query?query=${query}`),
  )
  return answer?.data.result.map(({ metric }) => metric.alertname ?? '')
}
const quiet = () =>
  waitFor(async () => (await firing())?.length === 0 && (await told()).every(({ status }) => status === 'resolved'), {
    timeoutMs: patienceMs,
    intervalMs: seconds,
  })
/** Every check of the canary has succeeded since. */
const canaryThrough = (sinceMs: number) =>
  waitFor(
    async () => {
      const query = encodeURIComponent(`leadlight_canary_last_success_timestamp_seconds > ${sinceMs / 1_000}`)
      const answer = await read<{ data: { result: object[] } }>(
        at(stack.ports.PROMETHEUS_PORT, `/api/v1/query?query=${query}`),
      )
      return answer?.data.result.length === 4
    },
    { timeoutMs: patienceMs, intervalMs: seconds },
  )

t.setTimeout((faults.length + 3) * 2 * patienceMs)

t.test(
  'with everything well nothing fires, the watchdog is heard, and the canary comes through everywhere',
  async (t) => {
    t.ok(await canaryThrough(Date.now()), 'event, row, metric and trace')
    t.ok(await quiet())
    t.strictSame(await told(), [], 'nobody was told of anything')
    t.ok((await read<{ heartbeatAt: string | null }>(at(stack.ports.ALERTS_PORT, '/watchdog')))?.heartbeatAt)
  },
)

for (const { stopped, raises, box: expectedBox } of faults)
  t.test(`without ${stopped}: ${raises} and at most ${extras} other`, async (t) => {
    const startedAt = new Date()
    await stack.stop(stopped)
    const isIt = ({ labels, status, receivedAt }: Alert) =>
      labels.alertname === raises && status === 'firing' && new Date(receivedAt) > startedAt
    t.ok(
      await waitFor(async () => (await box(expectedBox)).some(isIt), { timeoutMs: patienceMs, intervalMs: 500 }),
      'told',
    )
    t.comment(`${raises} was told ${((Date.now() - startedAt.getTime()) / 1_000).toFixed(1)} s after the fault`)
    await stack.resume(stopped)
    t.ok(await quiet(), 'and it is over')
    const names = new Set(
      (await told()).filter(({ startsAt }) => new Date(startsAt) > startedAt).map(({ labels }) => labels.alertname),
    )
    t.ok(names.size <= 1 + extras, [...names].join(', '))
  })

// Alertmanager holds on to what it last heard for four minutes
if (!quick)
  t.test('without Prometheus the dead man hears nothing any more, and hears again after it', async (t) => {
    const heardAt = async () =>
      Date.parse((await read<{ heartbeatAt: string }>(at(stack.ports.ALERTS_PORT, '/watchdog')))?.heartbeatAt ?? '')
    await stack.stop('prometheus')
    const silent = async () => Date.now() - (await heardAt()) > 3 * minutes
    t.ok(await waitFor(silent, { timeoutMs: patienceMs, intervalMs: seconds }))
    await stack.resume('prometheus')
    const resumedMs = Date.now()
    t.ok(await waitFor(async () => (await heardAt()) > resumedMs, { timeoutMs: patienceMs, intervalMs: 500 }))
  })
