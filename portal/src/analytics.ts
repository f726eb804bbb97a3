// Asks the analytics API, and says which kind of no it got.
import { language } from './messages.ts'

export type Days = { from: string; to: string }

/** The token or cookie is missing, wrong or withdrawn. */
export class SignedOut extends Error {}
/** The service answered that it will not answer this question; `code` is its word for why. */
export class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}
/** No usable answer; `retryAfterMs` is what the service asked for, or 0. */
export class Unreachable extends Error {
  readonly retryAfterMs: number
  constructor(retryAfterMs = 0) {
    super('the service does not answer')
    this.retryAfterMs = retryAfterMs
  }
}

/** Longest wait for one answer. */
export const patienceMs = 10_000

/** A request to the service itself; relative, so that it works below any path. Throws one of the three errors above. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const patience = AbortSignal.timeout(patienceMs)
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience
  let response: Response
  try {
    const headers = { 'accept-language': language, ...init.headers }
    response = await fetch(path, { ...init, headers, signal, cache: 'no-store' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Unreachable()
  }
  if (response.ok) return response
  if (response.status === 401) throw new SignedOut()
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    throw new Unreachable((Number(response.headers.get('retry-after')) || 0) * 1000)
  }
  const problem: { code?: unknown } = await response.json().catch(() => ({}))
  throw new Refused(typeof problem.code === 'string' ? problem.code : `status_${response.status}`)
}

/** One question to the analytics; what is undefined is not asked. */
export async function ask<Answer>(
  path: string,
  query: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Answer> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : ''
  return (await request(`../api/v1/analytics/${path}${search}`, { signal })).json()
}
