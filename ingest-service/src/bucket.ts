// A token bucket per key: so many units a second, and a burst on top. It holds for this process alone.

export type Bucket = {
  /** Takes `units`; 0 when they were there, otherwise the milliseconds until they will be (nothing is taken then). */
  take(key: string, units: number): number
}

/** Beyond this many keys the fullest half is forgotten, which gives those a fresh burst and bounds the memory. */
const maxKeys = 200_000

/** `perSecond` 0 means no limit. */
export function createBucket(perSecond: number, burst: number, now: () => number): Bucket {
  const levels = new Map<string, { units: number; at: number }>()
  if (perSecond === 0) return { take: () => 0 }

  function level(key: string): number {
    const entry = levels.get(key)
    return entry ? Math.min(burst, entry.units + ((now() - entry.at) / 1_000) * perSecond) : burst
  }

  return {
    take(key, units) {
      const left = level(key) - units
      // more than a whole burst can never be there: it passes on a full bucket
      if (left < 0 && level(key) < burst) return Math.ceil((Math.min(-left, burst) / perSecond) * 1_000)
      if (levels.size >= maxKeys && !levels.has(key)) forget(levels, level)
      levels.set(key, { units: left, at: now() })
      return 0
    },
  }
}

function forget(levels: Map<string, unknown>, level: (key: string) => number): void {
  const byLevel = [...levels.keys()].sort((a, b) => level(b) - level(a))
  for (const key of byLevel.slice(0, maxKeys / 2)) levels.delete(key)
}
