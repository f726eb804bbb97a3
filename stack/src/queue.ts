// The collector's queue on disk: a corrupt file would end the collector at every start, so it is moved aside before.
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** Checks every queue file in the directory and moves corrupt ones into `corrupt/` below it; `say` is told of each. */
export async function checkQueue(directory: string, bbolt: string, say: (line: string) => void): Promise<void> {
  if (!existsSync(directory)) return
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(directory, entry.name)
    const { failed } = await execa(bbolt, ['check', file], { reject: false, timeout: 60_000 })
    if (!failed) continue
    const aside = join(directory, 'corrupt', `${entry.name}.${new Date().toISOString().replaceAll(':', '-')}`)
    await mkdir(join(directory, 'corrupt'), { recursive: true })
    await rename(file, aside)
    say(`The collector's queue was corrupt and is moved aside; the spans in it were not delivered: ${aside}`)
  }
}
