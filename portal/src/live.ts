// Keeps numbers fresh while the page is visible: one request at a time, the newest question wins.
import { Unreachable } from './analytics.ts'

/** Numbers must show an event within 30 s of its arrival; this leaves room for two failures in a row. */
export const refreshMs = 8_000

export type Live = {
  /** Asks now, giving up whatever is under way. */
  refresh: () => void
  stop: () => void
}

/** `load` throws `Unreachable` for what another try may mend; every other error ends the refreshing until asked again. */
export function keepFresh(load: (signal: AbortSignal) => Promise<void>, onTrouble: (error: unknown) => void): Live {
  let timer = 0
  let underWay = new AbortController()

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    underWay.abort()
    const mine = new AbortController()
    underWay = mine
    let waitMs: number | null = refreshMs
    try {
      await load(mine.signal)
    } catch (error) {
      if (mine.signal.aborted) return
      waitMs = error instanceof Unreachable ? Math.max(refreshMs, error.retryAfterMs) : null
      onTrouble(error)
    }
    if (!mine.signal.aborted && waitMs !== null && !document.hidden) timer = window.setTimeout(refresh, waitMs)
  }

  const onVisibility = () => (document.hidden ? clearTimeout(timer) : refresh())
  const onOnline = () => refresh()
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('online', onOnline)
  return {
    refresh,
    stop() {
      clearTimeout(timer)
      underWay.abort()
      document.removeEventListener('visibilitychange', onVisibility)
      window.removeEventListener('online', onOnline)
    },
  }
}
