// What every PromQL question of dashboards and runbooks costs a Prometheus that holds the metrics of a fleet over 90 days.
import { closeSync, globSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { keptDays } from 'contract/limits'
import { dashboards } from 'grafana/dashboards'
import { type Context, fillPromql } from 'grafana/macros'
import { respondsOk } from 'stack/addresses'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import type { Bench, Run } from './bench.ts'
import type { Figure } from './figure.ts'
import { makeFleet, type Series, tenants } from './fleet.ts'
import { contextOf, type Question, slowest, time } from './questions.ts'

const daySeconds = 86_400
/** Prometheus' blocks hold 2, 6, 18 or 54 hours, …; it would make larger ones of these, and fewer. */
const blockSeconds = 54 * 3_600
const scrapeSeconds = 10
/** What is read point by point, each two hours from the next: a chunk of 120 samples still lies between two points. */
const sparseSeconds = 60
/** Longer than any window over what is read only when it is new. */
const newSeconds = 4 * 3_600

export const promql: Bench = {
  about: `every PromQL query of dashboards and runbooks, of a fleet's ${keptDays} days`,
  measure,
}

async function measure(run: Run): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'leadlight-bench-'))
  run.teardown(() => rm(directory, { recursive: true, force: true }))
  const end = Math.floor(Date.now() / 1_000 / scrapeSeconds) * scrapeSeconds
  await writeHistory(run, directory, makeFleet(), end)
  const ask = await startPrometheus(run, directory)
  const context = contextOf(new Date(end * 1_000), { tenant: tenants[0] as string })
  const drawn = panelQueries()
  const asked = runbookQueries()
  const range = drawn
    .filter(({ instant }) => !instant)
    .map(({ title, expr }) => rangeQuestion(ask, title, expr, context))
  const instant = [...drawn.filter(({ instant }) => instant), ...asked].map(({ title, expr }) =>
    instantQuestion(ask, title, fillPromql(expr, context), end),
  )
  return [
    slowest('promql: slowest graph', await time(run, range)),
    slowest('promql: slowest single number, or runbook query', await time(run, instant)),
  ]
}

/** Writes it block by block: samples of two and a quarter days as text, which promtool makes into a block. */
async function writeHistory({ say }: Run, directory: string, fleet: Series[], end: number): Promise<void> {
  const start = end - keptDays * daySeconds
  const values = new Float64Array(fleet.length)
  let samples = 0
  let making = Promise.resolve()
  for (let from = start - (start % blockSeconds); from < end; from += blockSeconds) {
    const file = join(directory, `${from}.om`)
    const descriptor = openSync(file, 'w')
    fleet.forEach((series, place) => {
      const first = Math.max(from, series.read === 'when new' ? end - newSeconds : start)
      const step = series.read === 'by point' ? sparseSeconds : scrapeSeconds
      const lines: string[] = []
      for (let at = first; at < Math.min(from + blockSeconds, end + 1); at += step) {
        values[place] = nextValue(values[place] as number, series)
        lines.push(`${series.head} ${values[place]} ${at}\n`)
      }
      samples += lines.length
      if (lines.length) writeSync(descriptor, lines.join(''))
    })
    writeSync(descriptor, '# EOF\n')
    closeSync(descriptor)
    await making
    making = makeBlock(directory, file)
    say(`${(samples / 1e6).toFixed(0)} million samples of ${fleet.length} series`)
  }
  await making
}

/** As unsteady as life, for what is steady takes no room and no time. */
const nextValue = (value: number, { counts }: Series) =>
  counts ? value + Math.floor(Math.random() * 40) : Math.round(1_000 * (value + Math.random() - value / 20)) / 1_000

async function makeBlock(directory: string, file: string): Promise<void> {
  const child = startChild({
    file: await toolPath('promtool'),
    args: [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      '--quiet',
      '--max-block-duration=54h',
      file,
      join(directory, 'data'),
    ],
  })
  child.stdout.resume()
  const [errors, end] = await Promise.all([text(child.stderr), child.exited])
  rmSync(file)
  if (end !== 'exit code 0') throw new Error(`promtool ended with ${end}: ${errors.slice(-1_000)}`)
}

type Ask = (path: string, parameters: Record<string, string>) => Promise<unknown[]>

/** It scrapes nothing and evaluates no rule: what it does is to answer. */
async function startPrometheus({ teardown, say }: Run, directory: string): Promise<Ask> {
  const config = join(directory, 'prometheus.yml')
  await writeFile(config, '{}')
  const address = `127.0.0.1:${await freePort()}`
  const child = startChild({
    file: await toolPath('prometheus'),
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      '--storage.tsdb.retention.time=100d',
      '--storage.tsdb.max-block-duration=54h',
      `--web.listen-address=${address}`,
    ],
  })
  teardown(() => child.stop(10_000))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-4_000)
    })
  const ready = () => respondsOk(`http://${address}/-/ready`)
  say('starting Prometheus')
  if (!(await waitFor(ready, { timeoutMs: 60_000 }))) throw new Error(`Prometheus did not start: ${output}`)
  return async (path, parameters) => {
    const response = await fetch(`http://${address}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    })
    const answer = (await response.json()) as { status: string; error?: string; data: { result: unknown[] } }
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${parameters.query}`)
    return answer.data.result
  }
}

const rangeQuestion = (ask: Ask, title: string, expr: string, context: Context): Question =>
  question(title, expr, () =>
    ask('query_range', {
      query: fillPromql(expr, context),
      start: `${context.from.getTime() / 1_000}`,
      end: `${context.to.getTime() / 1_000}`,
      step: `${context.intervalSeconds}`,
    }),
  )

const instantQuestion = (ask: Ask, title: string, query: string, time: number): Question =>
  question(title, query, () => ask('query', { query, time: `${time}` }))

/** Finding nothing is quick: only what asks for something that is not there may. */
const findsNothing = /< 0|== [01]\b|!= *"none"|overflow="true"|backup|unless|> 0$/

const question = (title: string, expr: string, ask: () => Promise<unknown[]>): Question => ({
  title,
  async ask() {
    const found = await ask()
    if (found.length === 0 && !findsNothing.test(expr)) throw new Error(`${title} finds nothing: ${expr}`)
  },
})

type Query = { title: string; expr: string; instant?: boolean }

const panelQueries = (): Query[] =>
  Object.entries(dashboards).flatMap(([name, { panels = [], annotations }]) => [
    ...panels.flatMap((panel) =>
      ('targets' in panel ? (panel.targets ?? []) : []).flatMap((target) => {
        const { expr, instant = false } = target as { expr?: string; instant?: boolean }
        return expr ? [{ title: `${name}: ${panel.title}`, expr, instant }] : []
      }),
    ),
    ...(annotations?.list ?? []).flatMap((annotation) => {
      const { expr } = annotation as { expr?: string }
      return expr ? [{ title: `${name}: ${annotation.name}`, expr }] : []
    }),
  ])

const runbooks = fileURLToPath(new URL('../../runbooks', import.meta.url))
const runbookQueries = (): Query[] =>
  globSync('*.md', { cwd: runbooks })
    .sort()
    .flatMap((page) =>
      [...readFileSync(join(runbooks, page), 'utf8').matchAll(/^```promql\n(.*?)^```$/gms)].map(([, expr = '']) => ({
        title: basename(page, '.md'),
        expr: expr.trim(),
      })),
    )
