// One request to the service: keepalive fetch first, the beacon second, and never an exception.
import type { Verdict } from 'contract/envelope'
import { ownFetch } from './own-fetch.ts'

export type Answer = {
  /** Missing where none came, or none that could be read. */
  response?: Response
  verdict?: Verdict
  /** What a beacon took stays queued: nobody says whether it arrived. */
  beacon?: boolean
}

/** Slower than this is no answer. */
const timeoutMs = 30_000

/**
 * Reaches the browser's network layer before it returns: what starts later than the current task is lost when a page
 * goes. A string travels as text/plain, which needs no CORS preflight.
 */
export async function post(url: string, body: string, keepalive: boolean, leaving: boolean): Promise<Answer> {
  try {
    const response = await ownFetch()(url, {
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
