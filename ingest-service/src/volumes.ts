// How much room is left on the disks that this process can see.
import { statfs } from 'node:fs/promises'
import type { Metrics } from './metrics.ts'

/** What the metrics call it, and a path on it. */
export type Volume = { name: string; path: string }

/** A volume that cannot be looked at has no figure: an alert on its absence is better than an old number. */
export async function measureVolumes(volumes: Volume[], metrics: Metrics): Promise<void> {
  await Promise.all(
    volumes.map(async ({ name: volume, path }) => {
      try {
        const { bavail, blocks, bsize } = await statfs(path)
        metrics.volumeFree.set({ volume }, bavail * bsize)
        metrics.volumeSize.set({ volume }, blocks * bsize)
      } catch {
        metrics.volumeFree.remove({ volume })
        metrics.volumeSize.remove({ volume })
      }
    }),
  )
}
