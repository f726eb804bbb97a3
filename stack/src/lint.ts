// `npm run lint`: types, formatter and linter, import directions, generated files, the lock file.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { wrongImports } from './imports.ts'
import type { Outcome } from './test-file.ts'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

type Check = {
  title: string
  /** What is wrong, one line each; empty when nothing is. */
  find: () => Promise<string[]>
}

async function linesOfFailure(args: string[]): Promise<string[]> {
  const { failed, all } = await execa(process.execPath, args, { cwd: root, all: true, reject: false })
  return failed ? (all.trim() || `${args[0]} failed`).split('\n') : []
}

export const checks: Check[] = [
  { title: 'types', find: () => linesOfFailure(['node_modules/typescript/bin/tsc', '-p', '.']) },
  {
    title: 'format and lint',
    find: () =>
      linesOfFailure([
        'node_modules/@biomejs/biome/bin/biome',
        'check',
        '--error-on-warnings',
        '--max-diagnostics=50',
        '.',
      ]),
  },
  { title: 'import directions', find: () => wrongImports(root) },
  {
    title: 'generated files',
    find: async () => {
      const generators = ['prometheus/src/generate.ts', 'grafana/src/generate.ts']
      return (await Promise.all(generators.map((generator) => linesOfFailure([generator, '--check'])))).flat()
    },
  },
  {
    title: 'lock file',
    find: async () => {
      const lines = (await readFile(resolve(root, 'package-lock.json'), 'utf8')).split('\n')
      return lines.filter((line) => /"resolved": "https?:/.test(line)).map((line) => `names a download address:${line}`)
    },
  },
]

/** Runs every check and reports each as one test. */
export async function lint(report: (name: string, outcome: Outcome) => void): Promise<void> {
  for (const { title, find } of checks) {
    const startedMs = performance.now()
    const failures = await find().catch((error: Error) => [error.message])
    const failed = failures.length ? 1 : 0
    report(`lint: ${title}`, {
      passed: 1 - failed,
      failed,
      skipped: 0,
      ms: performance.now() - startedMs,
      failures,
      skips: [],
      comments: [],
    })
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await lint((name, { failed, failures, ms }) => {
    console.log(`${failed ? 'FAIL' : 'ok  '} ${name} (${(ms / 1_000).toFixed(1)} s)`)
    for (const line of failures) console.log(`     ${line}`)
    if (failed) process.exitCode = 1
  })
