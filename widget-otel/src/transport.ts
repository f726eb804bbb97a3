// One request to the service: keepalive fetch first, the beacon second, and never an exception.
import type { Verdict } from 'contract/envelope'

/** Status 0: no answer, or none that could be read. */
export type Answer = { status: number; retryMs?: number; verdict?: Verdict }

/** Slower than this is no answer. */
const timeoutMs = 30_000

/** `Retry-After`, seconds or a date, in milliseconds; 0 without one. */
export const retryAfterMs = (header: string | null): number =>
  Math.max(Number(header) * 1_000 || Date.parse(header ?? '') - Date.now() || 0, 0)

/**
 * Reaches the browser's network layer before it returns: what starts later than the current task is lost when a page
 * goes. A string travels as text/plain, which needs no CORS preflight.
 */
export async function post(url: string, body: string, keepalive: boolean, leaving: boolean): Promise<Answer> {
  try {
    // Firefox before 133 ignores keepalive: https://bugzilla.mozilla.org/show_bug.cgi?id=1342484
    if (leaving && !('keepalive' in Request.prototype)) throw 0
    const response = await fetch(url, {
      method: 'POST',
      body,
      keepalive,
      credentials: 'omit',
      // else a page with the policy `unsafe-url` would tell us its query
      referrerPolicy: 'strict-origin',
      signal: AbortSignal.timeout?.(timeoutMs),
    })
    return {
      status: response.status,
      retryMs: retryAfterMs(response.headers.get('retry-after')),
      verdict: response.ok ? await response.json() : undefined,
    }
  } catch {
    // second, because ad blockers stop third-party beacons. It tells no answer: the events stay queued until one comes
    if (leaving) navigator.sendBeacon?.(url, body)
    return { status: 0 }
  }
}
