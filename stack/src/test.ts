// `npm test`: sets up what is missing, checks the sources, runs every test file and closes with one line of counts.
import { globSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { longSuite } from './dose.ts'
import { lint } from './lint.ts'
import { type Outcome, runTestFile } from './test-file.ts'
import { order } from './test-order.ts'
import { needs, parts } from './test-parts.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const { values, positionals: paths } = parseArgs({ allowPositionals: true, options: { long: { type: 'boolean' } } })
const inCi = process.env.CI === 'true'
const total = { passed: 0, failed: 0, skipped: 0 }
const failed: string[] = []

if (values.long) process.env[longSuite] = 'true'
const patience = values.long ? 12 : 1

const jobs = values.long ? 1 : 2
const timeoutMs = (file: string) => (file.startsWith('e2e/') ? 900_000 : 300_000) * patience

function record(name: string, { passed, failed: failures, skipped, ms, ...said }: Outcome) {
  total.passed += passed
  total.failed += failures
  total.skipped += skipped
  const counts = [`${passed} passed`, failures && `${failures} failed`, skipped && `${skipped} skipped`].filter(Boolean)
  console.log(`${failures ? 'FAIL' : 'ok  '} ${name} (${counts.join(', ')}, ${(ms / 1_000).toFixed(1)} s)`)
  for (const line of said.comments) console.log(`     ${line}`)
  for (const reason of said.skips) console.log(`     skipped: ${reason}`)
  for (const failure of said.failures) console.log(failure.replace(/^/gm, '     '))
  if (failures) failed.push(name)
}

/** One failure, or outside of CI one skip. */
function recordMissing(name: string, reason: string) {
  const outcome: Outcome = { passed: 0, failed: 0, skipped: 0, ms: 0, failures: [], skips: [], comments: [] }
  record(name, inCi ? { ...outcome, failed: 1, failures: [reason] } : { ...outcome, skipped: 1, skips: [reason] })
}

async function runFile(file: string) {
  const outcome = await runTestFile(root, file, timeoutMs(file))
  if (inCi && outcome.skipped) {
    outcome.failures.push('In CI nothing may be skipped')
    outcome.failed += outcome.skipped
    outcome.skipped = 0
  }
  record(file, outcome)
}

/** As many at a time as there are jobs. */
async function runAll(files: string[], before?: (file: string) => Promise<unknown> | undefined) {
  const waiting = [...files]
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await before?.(file)
      await runFile(file)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
}

async function runInOrder(files: string[]) {
  const { patient, others, timed } = order(files)
  if (values.long) return runAll([...patient, ...others, ...timed])
  const waited = runAll(patient)
  await runAll([...others, ...timed], (file) => (timed.includes(file) ? waited : undefined))
  await waited
}

function findFiles(paths: string[]): string[] {
  const patterns = paths.length
    ? paths.flatMap((path) => [path, `${path}/test/*.test.ts`, `${path}/*.test.ts`])
    : ['*/test/*.test.ts']
  const found = globSync(patterns, { cwd: root, exclude: (path) => path.includes('node_modules') })
  return [...new Set(found.map((path) => relative(root, resolve(root, path))))]
    .filter((path) => path.endsWith('.test.ts'))
    .sort()
}

const ends: (() => Promise<void>)[] = []
const endAll = async () => {
  for (const end of ends.splice(0)) await end()
}

async function setUp(files: string[]): Promise<string[]> {
  let runnable = files
  for (const part of parts) {
    const affected = runnable.filter((file) => needs(resolve(root, file), part))
    if (affected.length === 0) continue
    try {
      const end = await part.setUp()
      if (end) ends.push(end)
    } catch (error) {
      for (const file of affected) recordMissing(file, `no ${part.title}: ${(error as Error).message}`)
      runnable = runnable.filter((file) => !affected.includes(file))
    }
  }
  return runnable
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, async () => {
    await endAll()
    console.log(`Stopped by ${signal}`)
    process.exit(1)
  })

const files = findFiles(paths)
if (files.length === 0) {
  total.failed++
  failed.push('no test file found')
}
if (paths.length === 0) await lint(record)
// once in a run, not at each start
const compiled = await mkdtemp(join(tmpdir(), 'leadlight-compiled-'))
process.env.NODE_COMPILE_CACHE = compiled
ends.push(() => rm(compiled, { recursive: true, force: true }))
const runnable = await setUp(files)
await runInOrder(runnable)
await endAll()
if (failed.length) console.log(`\nFailed: ${failed.join(', ')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed ? 1 : 0
