// A whole stack behind a door that can break, on a disk that can fill, and what its alerting tells whom.
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, freePorts } from 'stack/ports'
import { type StackHandle, startStack } from 'stack/stack'
import type { Test } from 'tap'
import { type Proxy as Door, startProxy } from './proxy.ts'
import { mayMount, mountVolume, type Volume } from './small-volume.ts'

const seconds = 1_000
const diskMegabytes = 1_536

export type Box = 'on-call' | 'tickets'
export type Told = { status: string; labels: Record<string, string>; startsAt: string; receivedAt: string }

export type Watched = {
  stack: StackHandle
  dataDir: string
  /** What stands between visitors and the service. */
  door: Door
  /** Holds everything the stack writes; none where this user may not mount one. */
  disk: Volume | undefined
  /** Notifications of an alert that has begun since. */
  told(box: Box, since: Date): Promise<Told[]>
  /** Alerts that Prometheus holds to be firing, whether somebody was told or not, and those whose end nobody was told. */
  unquiet(): Promise<string[]>
  /** The labels of all series that a query finds. */
  find(query: string): Promise<Record<string, string>[]>
  heartbeatMs(): Promise<number>
}

/** Starts it; `quick` cuts all patience to a tenth: of scrapes, windows, alerts, canary and notifications. */
export async function startWatched(t: Test, { quick }: { quick: boolean }): Promise<Watched> {
  const disk = mayMount() ? mountVolume(t, diskMegabytes) : undefined
  const dataDir = disk?.directory ?? (await mkdtemp(join(tmpdir(), 'leadlight-watched-')))
  // PostgreSQL runs as a user of its own when root starts it
  await chmod(dataDir, 0o711)
  if (!disk) t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  // the door has to listen before the others choose their ports
  const PORT = await freePort()
  const door = await startProxy(t, PORT, () => true)
  const ports = { ...(await freePorts()), PORT }
  const config = { publicUrl: `http://127.0.0.1:${door.port}`, ...(quick ? await hastenAll(dataDir) : {}) }
  const stack = await startStack({ dataDir, ports, log: (line) => t.comment(line), config })
  t.teardown(() => stack.close())
  await stack.ready

  const read = async <T>(port: number, path: string): Promise<T | undefined> =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5 * seconds) }).then(
      (response) => response.json() as Promise<T>,
      () => undefined,
    )
  const find = async (query: string) => {
    const answer = await read<{ data?: { result: { metric: Record<string, string> }[] } }>(
      ports.PROMETHEUS_PORT,
      `/api/v1/query?query=${encodeURIComponent(query)}`,
    )
    return answer?.data?.result.map(({ metric }) => metric)
  }
  const box = async (name: Box) => (await read<Told[]>(ports.ALERTS_PORT, `/${name}`)) ?? []
  return {
    stack,
    dataDir,
    door,
    disk,
    told: async (name, since) => (await box(name)).filter(({ startsAt }) => new Date(startsAt) > since),
    async unquiet() {
      const firing = await find('ALERTS{alertstate="firing", severity!="none"}')
      if (!firing) return ['Prometheus does not answer']
      const all = [...(await box('on-call')), ...(await box('tickets'))]
      return [
        ...firing.map(({ alertname }) => `${alertname} fires`),
        ...all
          .filter(({ status }) => status === 'firing')
          .map(({ labels, startsAt }) => `${labels.alertname} of ${startsAt} is not told to be over`),
      ]
    },
    find: async (query) => (await find(query)) ?? [],
    heartbeatMs: async () =>
      Date.parse((await read<{ heartbeatAt: string }>(ports.ALERTS_PORT, '/watchdog'))?.heartbeatAt ?? ''),
  }
}

const unitSeconds = { s: 1, m: 60, h: 3_600 }
/** Shorter ones stay as long as a start, or a visit of the canary, may take. */
const fewestSeconds: Record<string, number> = { for: 5, scrape_timeout: 1, '[': 20 }
/** What is known to last by then would last longer too. */
const mostSeconds = 15
/** Thresholds in seconds: of the canary, whose own shortest is that of its visits, and of the roll-up. */
const ages = { '180': 30, '600': 45 }

const tenth = (_: string, setting: string, count: string, unit: keyof typeof unitSeconds) => {
  const name = setting.replace(': ', '')
  const seconds = Math.max(fewestSeconds[name] ?? 1, Math.round((Number(count) * unitSeconds[unit]) / 10))
  return `${setting}${name === 'for' && seconds <= 60 ? Math.min(seconds, mostSeconds) : seconds}s`
}

/** Copies of the configuration with a tenth of its patience. */
async function hastenAll(dataDir: string) {
  const intervals = /(scrape_interval: |scrape_timeout: |evaluation_interval: |for: |offset |\[)(\d+)([smh])\b/g
  const prometheusSource = await hasten(dataDir, 'prometheus', intervals)
  const canary = join(prometheusSource, 'rules/canary.yml')
  const text = await readFile(canary, 'utf8')
  await writeFile(
    canary,
    text.replace(/> (180|600)$/gm, (_, age: keyof typeof ages) => `> ${ages[age]}`),
  )
  return {
    prometheusSource,
    alertmanagerSource: await hasten(dataDir, 'alertmanager', /(group_wait: |group_interval: )(\d+)([smh])\b/g),
    canaryIntervalSeconds: 10,
  }
}

async function hasten(dataDir: string, name: 'prometheus' | 'alertmanager', pattern: RegExp): Promise<string> {
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
