// Runs one test file in a process of its own and counts what it said, and what it failed to say.
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { Parser, type Result } from 'tap-parser'
import { startChild } from './child.ts'

export type Outcome = {
  passed: number
  failed: number
  skipped: number
  ms: number
  failures: string[]
  skips: string[]
  /** What tests tell beside their verdict: figures, mostly. */
  comments: string[]
}

/** The file's assertions; whatever else goes wrong (crash, time-out, no test at all) is a failure more. */
export async function runTestFile(root: string, file: string, timeoutMs: number, graceMs = 10_000): Promise<Outcome> {
  const startedMs = performance.now()
  const outcome: Outcome = { passed: 0, failed: 0, skipped: 0, ms: 0, failures: [], skips: [], comments: [] }
  const child = startChild({
    file: process.execPath,
    args: ['--enable-source-maps', file],
    cwd: root,
    // tap's own limit speaks first: it knows which test is stuck
    env: { TAP_TIMEOUT: `${timeoutMs / 1_000}`, TAP_BAIL: '0', FORCE_COLOR: '0' },
  })
  const errors = text(child.stderr)
  const stopper = new AbortController()
  const late = setTimeout(timeoutMs + graceMs, true, { signal: stopper.signal }).catch(() => false)
  const parser = new Parser()
  count(parser, outcome, [])
  const parsed = new Promise<void>((resolve) => parser.once('complete', () => resolve()))
  child.stdout.pipe(parser)
  const timedOut = await Promise.race([child.exited.then(() => false), late])
  stopper.abort()
  if (timedOut) child.kill()
  const end = await child.exited
  await parsed
  const { results } = parser
  const said = outcome.failed > 0
  if (timedOut) fail(outcome, `was not done within ${timeoutMs / 1_000} s`)
  else if (results?.bailout) fail(outcome, `bailed out: ${results.bailout}`)
  else if (!said && end !== 'exit code 0') fail(outcome, `ended with ${end}`)
  else if (!said && !results?.ok) fail(outcome, describeTapErrors(parser))
  else if (outcome.passed + outcome.failed + outcome.skipped === 0) fail(outcome, 'has no test')
  if (outcome.failed) {
    const stderr = (await errors).trim()
    if (stderr) outcome.failures.push(indent(stderr.split('\n').slice(-40).join('\n')))
  }
  outcome.ms = performance.now() - startedMs
  return outcome
}

function fail(outcome: Outcome, sentence: string) {
  outcome.failed++
  outcome.failures.push(sentence)
}

function count(parser: Parser, outcome: Outcome, path: string[]) {
  const total = () => outcome.passed + outcome.failed + outcome.skipped
  let before = { failed: outcome.failed, total: total() }
  parser.on('child', (child: Parser) => count(child, outcome, [...path, child.name]))
  // TAP itself comments with what begins and with sums at the end
  parser.on('comment', (line) => {
    if (!/^# (Subtest: |time=|\{)/.test(line)) outcome.comments.push(line.slice(2).trimEnd())
  })
  parser.on('assert', (result: Result) => {
    const name = [...path, result.name].join(' › ')
    if (result.skip || result.todo) {
      outcome.skipped++
      outcome.skips.push(`${name}: ${result.skip || result.todo}`)
    } else if (result.ok) {
      // a test of tests only sums up; one without assertions passed by not throwing
      if (!result.closingTestPoint || total() === before.total) outcome.passed++
    } else if (!result.closingTestPoint || outcome.failed === before.failed)
      fail(outcome, `${name}\n${describe(result)}`)
    before = { failed: outcome.failed, total: total() }
  })
}

function describe({ diag }: Result): string {
  if (!diag) return ''
  const { at, diff, stack, source, compare, tapCaught, ...rest } = diag
  const where = at?.fileName ? `at ${at.fileName}:${at.lineNumber}` : ''
  const others = Object.keys(rest).length > 0 ? JSON.stringify(rest, null, 2) : ''
  return indent([where, diff, diff ? '' : stack, others].filter(Boolean).join('\n').trimEnd())
}

function describeTapErrors({ results }: Parser): string {
  const errors = results?.failures.map(({ tapError, name }) => tapError ?? name) ?? []
  return errors.join('; ') || 'its output is no complete test result'
}

const indent = (block: string) => block.replace(/^/gm, '    ')
