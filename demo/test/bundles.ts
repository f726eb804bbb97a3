// The bundles of one test file, in a directory of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { build } from '../build.ts'

export async function buildBundles(t: Pick<Test, 'teardown'>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'demo-'))
  t.teardown(() => rm(directory, { recursive: true }))
  await build(directory)
  return directory
}
