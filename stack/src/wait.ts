// Waiting for a condition, never longer than told.
import { setTimeout } from 'node:timers/promises'

/** Asks again and again until the answer is true; false when it never was within `timeoutMs`. */
export async function waitFor(
  ask: () => boolean | Promise<boolean>,
  { timeoutMs, intervalMs = 100, signal }: { timeoutMs: number; intervalMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  const endMs = performance.now() + timeoutMs
  while (!signal?.aborted) {
    if (await ask()) return true
    if (performance.now() >= endMs) return false
    await setTimeout(intervalMs, undefined, { signal }).catch(() => {})
  }
  return false
}
