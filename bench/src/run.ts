// `npm run bench`: measures what is named, or everything, prints one table, and fails when a budget is missed.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { analytics } from './analytics.ts'
import type { Bench, Settings } from './bench.ts'
import { dashboards } from './dashboards.ts'
import { type Figure, formatTable, meets } from './figure.ts'
import { funnel } from './funnel.ts'
import { hostPage } from './host-page.ts'
import { ingest } from './ingest.ts'
import { panels } from './panels.ts'
import { portal } from './portal.ts'
import { promql } from './promql.ts'
import { widgetSize } from './widget-size.ts'
import { widgetStart } from './widget-start.ts'

const benches: Record<string, Bench> = {
  ingest,
  funnel,
  analytics,
  dashboards,
  panels,
  promql,
  portal,
  'widget-size': widgetSize,
  'widget-start': widgetStart,
  'host-page': hostPage,
}

/** What each setting is when not given, and the most it may be: every load is bounded. */
const limits: Record<keyof Settings, { normal: number; most: number; about: string }> = {
  rounds: { normal: 5, most: 50, about: 'rounds of each variant, of which the median counts' },
  seconds: { normal: 3, most: 30, about: 'length of one round of load' },
  events: { normal: 2_000_000, most: 20_000_000, about: "events in the reading benches, 18 of 100 one tenant's" },
}

const help = `npm run bench -- [NAME…] [options]

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

${Object.entries(limits)
  .map(([name, { normal, most, about }]) => `  --${name.padEnd(10)} ${about} (${normal}; at most ${most})`)
  .join('\n')}

Without a name all are measured. Budgets are ratios to a baseline of the same run, counts that do not depend on the
machine, or times that people feel (the portal's first numbers, the widget's start); what depends on the machine stands
beside them. Exit code 1 when one is missed. Load goes to this machine only.`

class UsageError extends Error {}

function readArguments(args: string[]): { help: boolean; names: string[]; settings: Settings } {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    events: { type: 'string' },
  } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const unknown = positionals.find((name) => !(name in benches))
  if (unknown) throw new UsageError(`There is no bench "${unknown}"; there are ${Object.keys(benches).join(', ')}`)
  const read = (name: keyof Settings): number => {
    const value = Number(values[name] ?? limits[name].normal)
    if (Number.isInteger(value) && value >= 1 && value <= limits[name].most) return value
    throw new UsageError(`--${name} is a whole number from 1 to ${limits[name].most}`)
  }
  return {
    help: values.help,
    names: positionals.length ? [...new Set(positionals)] : Object.keys(benches),
    settings: { rounds: read('rounds'), seconds: read('seconds'), events: read('events') },
  }
}

let interrupted = false
type Ends = (() => unknown)[]
const endsOfBench: Ends = []
const endsOfAll: Ends = []
async function endAll(...all: Ends[]): Promise<void> {
  for (const ends of all) for (const end of ends.splice(0).reverse()) await end()
}

// not `once`: execa's own handler would take itself for the only one and let the signal end us
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (interrupted) return
    interrupted = true
    endAll(endsOfBench, endsOfAll).finally(() => process.exit(1))
  })

async function measure(name: string, settings: Settings): Promise<Figure[]> {
  const startedMs = performance.now()
  const elapsed = () => `${((performance.now() - startedMs) / 1_000).toFixed(0)} s`.padStart(5)
  const say = (line: string) => process.stderr.write(`${elapsed()}  ${name}: ${line}\n`)
  try {
    return await benches[name]!.measure({
      ...settings,
      say,
      teardown: (end) => endsOfBench.push(end),
      teardownOfAll: (end) => endsOfAll.push(end),
    })
  } finally {
    await endAll(endsOfBench)
  }
}

async function main(): Promise<void> {
  const { help: asked, names, settings } = readArguments(process.argv.slice(2))
  if (asked) return console.log(help)
  const figures: Figure[] = []
  const failures: string[] = []
  for (const name of names) {
    try {
      figures.push(...(await measure(name, settings)))
    } catch (error) {
      if (interrupted) return
      failures.push(`${name} could not be measured: ${(error as Error).message}`)
    }
  }
  await endAll(endsOfAll)
  const missed = figures.filter((figure) => !meets(figure)).length
  const [cpu] = cpus()
  console.log(`\n${formatTable(figures)}\n`)
  for (const failure of failures) console.log(failure)
  console.log(`${missed} of ${figures.filter(({ budget }) => budget).length} budgets missed`)
  console.log(`Node.js ${process.versions.node}, ${cpus().length} cores (${cpu?.model.trim()})`)
  process.exitCode = missed || failures.length ? 1 : 0
}

main().catch((error: Error & { code?: string }) => {
  const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(isUsage ? `${error.message}\n\n${help}\n` : `${error.stack}\n`)
  process.exitCode = 1
})
