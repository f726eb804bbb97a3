// The real Prometheus with the real configuration and rules, which remembers hours of steady traffic and goes on scraping it.
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { jobs } from 'contract/metrics'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'
import { root } from './files.ts'
import { expose, history, makeTraffic } from './traffic.ts'

type Job = (typeof jobs)[number]
export type Answer = { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }

const hour = 3_600
/** A little more than the longest window of a rule that looks at rates. */
const rememberedSeconds = 6.5 * hour
const deployedSecondsAgo = 0.5 * hour

export async function startPrometheus(t: Test) {
  const directory = mkdtempSync(`${tmpdir()}/leadlight-grafana-`)
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const now = Math.floor(Date.now() / 1_000)
  const deployed = now - deployedSecondsAgo
  const traffic = makeTraffic(now - rememberedSeconds, deployed)
  const instances = {} as Record<Job, string>
  for (const job of jobs) instances[job] = await serve(t, () => expose(traffic, job, Date.now() / 1_000))

  const file = `${directory}/history.om`
  // a minute apart, and as in life for the last ten minutes
  const moments = [...range(now - rememberedSeconds, now - 600, 60), ...range(now - 600, now, 10)]
  await pipeline(Readable.from(history(traffic, instances, moments)), createWriteStream(file))
  await run(await toolPath('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', file, `${directory}/tsdb`])

  mkdirSync(`${directory}/prometheus/targets`, { recursive: true })
  for (const part of ['prometheus.yml', 'rules'])
    symlinkSync(`${root}/prometheus/${part}`, `${directory}/prometheus/${part}`)
  for (const [job, target] of Object.entries(instances))
    writeFileSync(`${directory}/prometheus/targets/${job}.json`, JSON.stringify([{ targets: [target] }]))
  const address = `127.0.0.1:${await freePort()}`
  const child = startChild({
    file: await toolPath('prometheus'),
    args: [
      `--config.file=${directory}/prometheus/prometheus.yml`,
      `--storage.tsdb.path=${directory}/tsdb`,
      `--web.listen-address=${address}`,
      '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
    ],
  })
  t.teardown(() => child.stop(10_000))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))

  async function ask(path: string, parameters: Record<string, string>): Promise<Answer[]> {
    const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, error, data } = (await response.json()) as any
    if (status !== 'success') throw new Error(`${error}: ${parameters.query}`)
    return data.result ?? data
  }

  const instant = (query: string) => ask('query', { query })
  const groups = async () =>
    ((await ask('rules', {})) as any).groups as { name: string; interval: number; lastEvaluation: string }[]
  const runs = new Map<string, Set<string>>()
  // everything is scraped; alerts are told of since the third run of their group, and each group runs by itself
  const settled = async () => {
    const [scraped] = await instant('count(count_over_time(scrape_duration_seconds[1m]) >= 2)').catch(() => [])
    // of what runs every few minutes only, no panel asks
    for (const { name, interval, lastEvaluation } of await groups().catch(() => []))
      if (interval <= 10) runs.set(name, (runs.get(name) ?? new Set()).add(lastEvaluation))
    // the first that is told of a group is that it has not run yet
    const ran = [...runs.values()].map((moments) => [...moments].filter((moment) => !moment.startsWith('0001-')).length)
    return Number(scraped?.value?.[1]) === jobs.length && ran.length > 0 && Math.min(...ran) >= 3
  }
  if (!(await waitFor(settled, { timeoutMs: 120_000, intervalMs: 1_000 })))
    throw new Error(`Prometheus does not scrape and evaluate its rules\n${log}`)

  return {
    deployed,
    instances: Object.values(instances),
    instant,
    exemplars: (query: string) =>
      ask('query_exemplars', { query, start: `${Date.now() / 1_000 - 300}`, end: `${Date.now() / 1_000}` }),
    range: (query: string, { from, to, intervalSeconds }: { from: Date; to: Date; intervalSeconds: number }) =>
      ask('query_range', { query, start: from.toISOString(), end: to.toISOString(), step: `${intervalSeconds}` }),
  }
}

async function run(file: string, args: string[]) {
  const child = startChild({ file, args })
  child.stdout.resume()
  const [errors, end] = await Promise.all([text(child.stderr), child.exited])
  if (end !== 'exit code 0') throw new Error(`${file} ended with ${end}\n${errors}`)
}

function* range(start: number, end: number, step: number) {
  for (let moment = start; moment < end; moment += step) yield moment
}

async function serve(t: Test, answer: () => string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    response.end(answer())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
