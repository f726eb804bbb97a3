// A file system of a few megabytes that a test can fill, and drain again.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export type Volume = {
  directory: string
  /** Takes all that is free now, or all but this share of the volume, beside what it has taken before. */
  fill(left?: number): Promise<void>
  /** Gives it back. */
  drain(): void
}

const pieceBytes = 16 * 1024 ** 2

const mount = (directory: string, megabytes: number) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'leadlight', directory]).status === 0

/** Whether this user may mount at all: root may, unless a container forbids it. */
export function mayMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'leadlight-volume-'))
  const mounted = mount(directory, 1)
  if (mounted) execFileSync('umount', [directory])
  rmdirSync(directory)
  return mounted
}

/** Mounts it in memory until the test ends. */
export function mountVolume(t: Test, megabytes: number): Volume {
  const directory = mkdtempSync(join(tmpdir(), 'leadlight-volume-'))
  t.teardown(() => rmdirSync(directory))
  if (!mount(directory, megabytes)) throw new Error(`Nothing can be mounted at ${directory}`)
  // lazily: whoever still has a file open there must not keep it
  t.teardown(() => void execFileSync('umount', ['--lazy', directory]))
  const ballast = join(directory, 'ballast')
  return {
    directory,
    async fill(left = 0) {
      const { bavail, bsize, blocks } = statfsSync(directory)
      try {
        // in pieces: a test's own servers answer in between
        for (let bytes = (bavail - Math.ceil(left * blocks)) * bsize; bytes > 0; bytes -= pieceBytes)
          await appendFile(ballast, Buffer.alloc(Math.min(bytes, pieceBytes), 1))
      } catch (error) {
        // somebody else took some of it meanwhile: it is full all the same
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    drain: () => rmSync(ballast, { force: true }),
  }
}
