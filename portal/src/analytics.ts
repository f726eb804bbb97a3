// Asks the analytics API, and says which kind of no it got.
import type { Funnel, Summary } from 'contract/analytics'

export type Days = { from: string; to: string }

/** The token or cookie is missing, wrong or withdrawn. */
export class SignedOut extends Error {}
/** The service answered that it will not answer this question. */
export class Refused extends Error {}
/** No usable answer; `retryAfterMs` is what the service asked for, or 0. */
export class Unreachable extends Error {
  readonly retryAfterMs: number
  constructor(retryAfterMs = 0) {
    super('the service does not answer')
    this.retryAfterMs = retryAfterMs
  }
}

const patienceMs = 10_000

/** A request to the service itself; relative, so that it works below any path. Throws one of the three errors above. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const patience = AbortSignal.timeout(patienceMs)
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience
  let response: Response
  try {
    response = await fetch(path, { ...init, signal, cache: 'no-store' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Unreachable()
  }
  if (response.ok) return response
  if (response.status === 401 || response.status === 403) throw new SignedOut()
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    throw new Unreachable((Number(response.headers.get('retry-after')) || 0) * 1000)
  }
  const problem: { detail?: unknown } = await response.json().catch(() => ({}))
  throw new Refused(typeof problem.detail === 'string' ? problem.detail : `the service answered ${response.status}`)
}

/** Both answers for the same days; without days the service chooses the 30 that end today. */
export async function loadNumbers(
  days: Days | null,
  signal: AbortSignal,
): Promise<{ summary: Summary; funnel: Funnel }> {
  const query = days ? `?${new URLSearchParams(days)}` : ''
  const [summary, funnel] = await Promise.all(
    ['summary', 'funnel'].map(async (name) =>
      (await request(`../api/v1/analytics/${name}${query}`, { signal })).json(),
    ),
  )
  return { summary, funnel }
}
