// The servers written in Go: built from their pinned modules on first need, kept outside the repository by what they are built from.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { cacheDirectory } from './cache.ts'
import { withLock } from './lock.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const progressMs = 5_000
// servers are to stay quick while compilers run beside them
const compilerPriority = 10
const stripped = '-s -w'

type Kit = {
  title: string
  binaries: string[]
  tags?: string
  /** Builds it into the directory it is given, where that takes more than the tools of one module. */
  script?: string
  /** What the script reads beside `stack/tools/`. */
  inputs?: string[]
}

/** One directory below `stack/tools/` each; what is built together is kept together. */
const kits = {
  collector: {
    title: 'OpenTelemetry Collector',
    binaries: ['leadlight-collector', 'bbolt'],
    script: 'collector/build.sh',
    inputs: ['collector/manifest.yaml', 'collector/go.mod', 'collector/go.sum'],
  },
  // service discovery of clouds is left out; files and static targets stay
  prometheus: { title: 'Prometheus', binaries: ['prometheus', 'promtool'], tags: 'netgo,remove_all_sd' },
  alertmanager: { title: 'Alertmanager', binaries: ['alertmanager', 'amtool'] },
  jaeger: { title: 'Jaeger', binaries: ['jaeger'] },
  // for tests alone: it reads docker-compose.yml as Docker would, and needs none for that
  compose: { title: 'Docker Compose', binaries: ['cmd'] },
} satisfies Record<string, Kit>
type KitName = keyof typeof kits

const places = {
  collector: ['collector', 'leadlight-collector'],
  bbolt: ['collector', 'bbolt'],
  prometheus: ['prometheus', 'prometheus'],
  promtool: ['prometheus', 'promtool'],
  alertmanager: ['alertmanager', 'alertmanager'],
  amtool: ['alertmanager', 'amtool'],
  jaeger: ['jaeger', 'jaeger'],
  compose: ['compose', 'cmd'],
} as const satisfies Record<string, readonly [KitName, string]>

export type ToolName = keyof typeof places

/** Go is not there, or too old; the message tells what to do. */
export class GoMissing extends Error {
  override name = 'GoMissing'
}

export type BuildOptions = {
  /** Told every few seconds what is going on and for how long. */
  onProgress?: (line: string) => void
  /** Stops a build under way. */
  signal?: AbortSignal
}

const toStderr = (line: string) => process.stderr.write(`${line}\n`)

/** The absolute path of the tool's program; builds it when this machine has not done so before. */
export async function toolPath(name: ToolName, { onProgress = toStderr, signal }: BuildOptions = {}): Promise<string> {
  const [kitName, binary] = places[name]
  const directory = await kitDirectory(kitName)
  const onWait = () => onProgress(`${kits[kitName].title}: waiting until another build is done`)
  const buildIfMissing = async () => {
    if (!existsSync(directory)) await build(kitName, directory, onProgress, signal)
  }
  if (!existsSync(directory)) await withLock(join(cacheDirectory('tools'), 'lock'), buildIfMissing, { onWait, signal })
  return join(directory, binary)
}

/** Whether `toolPath` would find the tool built already. */
export async function isBuilt(name: ToolName): Promise<boolean> {
  return existsSync(await kitDirectory(places[name][0]))
}

async function kitDirectory(kitName: KitName) {
  const cache = cacheDirectory('tools')
  const key = `${kitName}-${inputsHash(kitName)}-`
  try {
    return join(cache, key + (await goVersion(kitName)))
  } catch (error) {
    // what was built once still runs when Go is gone
    const built = existsSync(cache) ? readdirSync(cache).find((entry) => entry.startsWith(key)) : undefined
    if (built) return join(cache, built)
    throw error
  }
}

/** Changes whenever anything changes that the kit's programs are made of, the Go version apart. */
export function inputsHash(kitName: KitName): string {
  const kit: Kit = kits[kitName]
  const hash = createHash('sha256').update(JSON.stringify([kit, stripped, process.platform, process.arch]))
  const tools = join(root, 'stack/tools', kitName)
  const own = [...(kit.script ? [kit.script] : []), ...(kit.inputs ?? [])].map((file) => join(root, file))
  for (const file of [join(tools, 'go.mod'), join(tools, 'go.sum'), ...own]) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

async function goVersion(kitName: KitName) {
  const cwd = join(root, 'stack/tools', kitName)
  const needed = /^go (\S+)/m.exec(await readFile(join(cwd, 'go.mod'), 'utf8'))?.[1]
  const { stdout, failed } = await execa('go', ['env', 'GOVERSION'], { cwd, reject: false })
  if (!failed && stdout) return stdout.trim()
  throw new GoMissing(
    `Go ${needed} or newer is needed to build ${kits[kitName].title}; get it from https://go.dev/dl; the core runs without it`,
  )
}

// Built beside its place and renamed at the end: a build that is killed leaves nothing that looks finished.
async function build(kitName: KitName, directory: string, onProgress: (line: string) => void, signal?: AbortSignal) {
  signal?.throwIfAborted()
  const kit: Kit = kits[kitName]
  const cache = cacheDirectory('tools')
  for (const entry of readdirSync(cache))
    if (entry.startsWith('building-')) await rm(join(cache, entry), { recursive: true, force: true })
  const temporary = await mkdtemp(join(cache, 'building-'))
  const compiler = new Compiler(kit.title, onProgress, signal)
  try {
    const output = join(temporary, 'bin')
    await mkdir(output)
    const tools = join(root, 'stack/tools', kitName)
    if (kit.script) await compiler.run('sh', [join(root, kit.script), output], tools)
    else {
      const tags = kit.tags ? [`-tags=${kit.tags}`] : []
      const flags = ['-v', '-trimpath', '-buildvcs=false', `-ldflags=${stripped}`, ...tags]
      await compiler.run('go', ['build', ...flags, '-o', `${output}/`, 'tool'], tools)
    }
    await rename(output, directory)
    compiler.report('built')
  } finally {
    compiler.stop()
    await rm(temporary, { recursive: true, force: true })
  }
}

class Compiler {
  #title: string
  #onProgress: (line: string) => void
  #signal: AbortSignal | undefined
  #startedMs = Date.now()
  #packages = 0
  #doing = 'starting'
  #timer: NodeJS.Timeout

  constructor(title: string, onProgress: (line: string) => void, signal?: AbortSignal) {
    this.#title = title
    this.#onProgress = onProgress
    this.#signal = signal
    this.report('building, once for this machine')
    this.#timer = setInterval(() => this.report(this.#doing), progressMs)
  }

  report(what: string) {
    this.#onProgress(`${this.#title}: ${what} (${Math.round((Date.now() - this.#startedMs) / 1000)} s)`)
  }

  stop() {
    clearInterval(this.#timer)
  }

  async run(file: string, args: string[], cwd: string) {
    const env = { CGO_ENABLED: '0' }
    const child = execa(file, args, {
      cwd,
      env,
      stdout: 'ignore',
      cancelSignal: this.#signal,
      forceKillAfterDelay: 2_000,
    })
    if (child.pid) setPriority(child.pid, compilerPriority)
    const lines: string[] = []
    const listening = (async () => {
      for await (const line of child.iterable({ from: 'stderr' })) {
        lines.push(line)
        if (lines.length > 20) lines.shift()
        if (line.startsWith('go: downloading')) this.#doing = line.slice(4)
        else if (/^[a-z0-9.-]+(\/\S+)*$/i.test(line)) this.#doing = `compiled ${++this.#packages} packages, now ${line}`
        // the collector's builder logs with a time stamp: nothing for a person who waits
        else if (!/^\d{4}-\d\d-\d\dT/.test(line)) this.#doing = line
      }
    })()
    try {
      await Promise.all([child, listening])
    } catch (error) {
      this.#signal?.throwIfAborted()
      throw new Error(`${this.#title} could not be built:\n${lines.join('\n')}`, { cause: error })
    }
  }
}
