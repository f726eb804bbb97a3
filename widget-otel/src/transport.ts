// One request to the service: keepalive fetch first, the beacon second, and never an exception.
import type { Verdict } from 'contract/envelope'

export type Answer = {
  /** Missing where none came, or none that could be read. */
  response?: Response
  verdict?: Verdict
  /** What a beacon took stays queued: nobody says whether it arrived. */
  beacon?: boolean
}

/** Slower than this is no answer. */
const timeoutMs = 30_000

/** The marks that OpenTelemetry and Sentry leave on a fetch that they have wrapped. */
type Wrapped = typeof fetch & { __original?: typeof fetch; __sentry_original__?: typeof fetch }

/**
 * Reaches the browser's network layer before it returns: what starts later than the current task is lost when a page
 * goes. A string travels as text/plain, which needs no CORS preflight.
 */
export async function post(url: string, body: string, keepalive: boolean, leaving: boolean): Promise<Answer> {
  try {
    // below what a page's OpenTelemetry or Sentry has wrapped: of our requests they are to make no spans and breadcrumbs
    const own: Wrapped = fetch
    const response = await (own.__original ?? own.__sentry_original__ ?? own)(url, {
      method: 'POST',
      body,
      keepalive,
      credentials: 'omit',
      // else a page with the policy `unsafe-url` would tell us its query
      referrerPolicy: 'strict-origin',
      signal: AbortSignal.timeout?.(timeoutMs),
    })
    return { response, verdict: response.ok && (await response.json()) }
  } catch {
    // second, because ad blockers stop third-party beacons
    return { beacon: leaving && navigator.sendBeacon(url, body) }
  }
}
