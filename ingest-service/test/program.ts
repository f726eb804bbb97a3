// The operator's program in a process of its own, with nothing in its environment but what a test gives.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const program = fileURLToPath(new URL('../src/leadlight.ts', import.meta.url))

/** And with the compiled code that the test run keeps. */
export const compiled = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }

/** Waits until it has ended. */
export function leadlight(env: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env: { ...compiled, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
