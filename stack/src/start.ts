// `npm start`: the whole stack on this machine, until Ctrl-C.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { killChildren } from './child.ts'
import { reachableHost, readConfig } from './config.ts'
import { hold } from './running.ts'
import { type StackHandle, startStack } from './stack.ts'

const help = `Starts Leadlight on this machine and stops it on Ctrl-C.

  npm start                      everything; servers written in Go are built the first time
  npm start -- --core            PostgreSQL, ingest-service, demo site and alert receiver only
  npm start -- --stop NAME       stops one process of the running stack, to see what happens then
  npm start -- --resume NAME     starts it again

Environment: LEADLIGHT_DATA (where everything is kept, default .leadlight), HOST, PUBLIC_URL, DATABASE_URL (instead of the
PostgreSQL that comes along), TEMPO_BIN, GRAFANA_HOME, TRACE_RETENTION, PROMETHEUS_MAX_SIZE, DEADMAN_URL,
who hears of alerts (ON_CALL_…, TICKETS_…: alertmanager/start.sh), and a variable for each port (ARCHITECTURE.md).
`

const options = {
  core: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  stop: { type: 'string' },
  resume: { type: 'string' },
} as const

// a terminal that is closed takes its output along, not the stopping
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

/** Least time between two lines of progress where they cannot be overwritten. */
const quietMs = 15_000

/** Lines above one line that is overwritten, where there is a terminal; otherwise lines only. */
function createScreen() {
  let sticky = ''
  let progressedMs = Number.NEGATIVE_INFINITY
  const draw = (text: string) => process.stdout.write(text)
  const shorten = (line: string) => line.slice(0, (process.stdout.columns || 100) - 1)
  return {
    line(text: string) {
      if (process.stdout.isTTY) draw(`\r\x1b[K${text}\n${sticky}`)
      else draw(`${text}\n`)
    },
    progress(text: string) {
      if (!process.stdout.isTTY) {
        if (performance.now() - progressedMs < quietMs) return
        progressedMs = performance.now()
        draw(`${text}\n`)
        return
      }
      sticky = shorten(`… ${text}`)
      draw(`\r\x1b[K${sticky}`)
    },
    clear() {
      if (process.stdout.isTTY) draw('\r\x1b[K')
      sticky = ''
    },
  }
}

async function main() {
  const { values } = parseArgs({ options })
  if (values.help) return void process.stdout.write(help)
  const config = readConfig(process.env)
  if (values.stop !== undefined) return console.log(await hold(config.dataDir, values.stop, true))
  if (values.resume !== undefined) return console.log(await hold(config.dataDir, values.resume, false))
  await run(config, values.core)
}

async function run(config: ReturnType<typeof readConfig>, core: boolean) {
  const screen = createScreen()
  const startedMs = performance.now()
  const since = () => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`
  const stopping = new AbortController()
  let stack: StackHandle | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) {
        killChildren()
        process.exit(130)
      }
      screen.clear()
      screen.line('Stopping everything; once more to stop at once')
      stopping.abort()
    })
  try {
    stack = await startStack({
      ...config,
      config,
      core,
      signal: stopping.signal,
      log: screen.line,
      progress: screen.progress,
      onReady: ({ title, address }) => screen.line(`  ${title} answers${address ? ` at ${address}` : ''} (${since()})`),
    })
    if (!stopping.signal.aborted) tellAddresses(stack, screen.line)
    stack.ready.then(
      () => {
        screen.clear()
        if (!core) screen.line(`Everything answers (${since()}).`)
      },
      () => screen.clear(),
    )
    await new Promise<void>((resolve) => {
      if (stopping.signal.aborted) resolve()
      stopping.signal.addEventListener('abort', () => resolve())
    })
    await stack.close()
  } catch (error) {
    screen.clear()
    if (!stopping.signal.aborted) throw error
  }
  screen.line('Stopped; nothing is left running.')
  process.exit(0)
}

/** From here where it lies below. */
const shorten = (path: string) => (path.startsWith(`${process.cwd()}/`) ? relative('', path) : path)

function tellAddresses({ config, ports, publicUrl, demoTenant }: StackHandle, line: (text: string) => void) {
  const at = (port: number) => `http://${reachableHost(config.host)}:${port}`
  const addresses = {
    'Demo site': at(ports.DEMO_PORT),
    "The contractor's portal": demoTenant.portal_url,
    'Public API': `${publicUrl} (described by /openapi.json)`,
    Operations: at(ports.OPERATIONS_PORT),
    'Alert receiver': at(ports.ALERTS_PORT),
    Logs: shorten(`${config.dataDir}/logs`),
  }
  line('')
  for (const [name, address] of Object.entries(addresses)) line(`  ${name.padEnd(24)} ${address}`)
  line('')
}

main().catch((error: Error) => {
  const usage = 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${usage ? `${error.message}\n\n${help}` : error.message}\n`)
  process.exit(usage ? 2 : 1)
})
