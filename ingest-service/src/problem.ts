// Refusals of whole requests as application/problem+json (RFC 9457), each with one stable word.

import { type ProblemCode, problems } from 'contract/refusals'
import type { FastifyError, FastifyReply } from 'fastify'

declare module 'fastify' {
  interface FastifyReply {
    /** The word of the problem that was sent. */
    problemCode?: ProblemCode
  }
}

/** Thrown where a request is refused; `detail` tells the caller what to change. */
export class Problem extends Error {
  readonly code: ProblemCode
  /** When it may work again, where that is known. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ProblemCode, detail: string, retryAfterSeconds?: number) {
    super(detail)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): number {
    return problems[this.code]
  }
}

/** Fastify's own refusals, by its error codes. */
const ofFastify: Record<string, [ProblemCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than this address takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'This content type is not taken here'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'The body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_json', 'The body is not as long as Content-Length says'],
  FST_ERR_VALIDATION: ['invalid_query', 'The query is not what this address takes'],
}

/** What to answer for anything thrown while a request was handled. A failing database is never a 500. */
export function problemOf(error: FastifyError | Error): Problem {
  if (error instanceof Problem) return error
  const code = 'code' in error ? String(error.code) : ''
  const known = ofFastify[code]
  if (known) return new Problem(known[0], code === 'FST_ERR_VALIDATION' ? error.message : known[1])
  // a sender that goes away in the middle has a POSIX name too, and is no failure of ours
  const status = 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return new Problem('invalid_json', error.message)
  if (isDatabaseFailure(error)) return new Problem('database_unavailable', 'The database does not answer; try again')
  return new Problem('internal', 'Something went wrong here; it is in the log')
}

/** SQLSTATEs have five characters, failed sockets a POSIX name; `pg` gives neither when it runs out of time. */
function isDatabaseFailure(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return (
    /^[0-9A-Z]{5}$/.test(code) ||
    /^E[A-Z]{4,}$/.test(code) ||
    /timeout exceeded when trying to connect|Query read timeout|Connection terminated|not queryable/.test(error.message)
  )
}

/** Sends a problem; whoever may come again is told when (RFC 9110 §10.2.3), spread out where no moment is known. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503 || problem.status === 429) {
    const seconds = problem.retryAfterSeconds ?? 5 + Math.random() * 10
    reply.header('retry-after', String(Math.ceil(seconds)))
  }
  // a 401 names the scheme that is asked for (RFC 9110 §15.5.2); a site key is none
  if (problem.code === 'invalid_token') reply.header('www-authenticate', 'Bearer')
  reply.problemCode = problem.code
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(describeProblem(problem)))
}

/** The members of RFC 9457, and our stable word. */
export const describeProblem = ({ code, status, message }: Problem) => ({
  type: 'about:blank',
  title: code.replaceAll('_', ' '),
  status,
  code,
  detail: message,
})
