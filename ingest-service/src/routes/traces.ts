// POST /v1/traces: the gateway before the private collector. It checks who sends, stamps the tenant and passes the spans on.
import { Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { maxSpansBytes, maxSpansDecompressedBytes } from 'contract/limits'
import { siteKeyHeader, tenantHeader } from 'contract/spans'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Limits } from '../limits.ts'
import { type Metrics, requestOutcome } from '../metrics.ts'
import { reasonToIgnore } from '../privacy.ts'
import { Problem } from '../problem.ts'
import type { Sites } from '../sites.ts'

export type TracesDependencies = { sites: Sites; limits: Limits; metrics: Metrics; collectorUrl: string }

/** A collector that has not answered by then counts as unreachable, in milliseconds. */
const collectorMs = 8_000

const protobuf = 'application/x-protobuf'

/** The route and its body parsers; register it in a scope of its own. */
export function tracesRoute(app: FastifyInstance, { sites, limits, metrics, collectorUrl }: TracesDependencies): void {
  // passed on as a stream: spans are never held whole
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', protobuf], (_request, body, done) => done(null, body))

  app.post<{ Body: Readable }>(
    '/traces',
    {
      config: { route: 'traces' },
      schema: {
        summary: 'Take spans (OTLP/HTTP)',
        description: 'The body is an OTLP ExportTraceServiceRequest, identity or gzip.',
        consumes: ['application/json', protobuf],
        tags: ['traces'],
      },
    },
    async (request, reply) => {
      if (reasonToIgnore(request.headers)) return answer(request, reply)
      const siteKey = request.headers[siteKeyHeader]
      if (typeof siteKey !== 'string')
        throw new Problem('unknown_site_key', `Send the site key in the header ${siteKeyHeader}`)
      limits.admitRequest(request.ip)
      const { tenantId } = await sites.admit(siteKey, request.headers.origin)
      limits.admitSpans(siteKey, request.ip, Number(request.headers['content-length'] ?? maxSpansBytes))
      const refused = await forward(request, tenantId)
      return answer(request, reply, refused)
    },
  )

  /** @returns what to tell the sender when the collector was reached and refused, otherwise nothing. */
  async function forward(request: FastifyRequest<{ Body: Readable }>, tenantId: string): Promise<string | undefined> {
    const { body, failure } = limit(request)
    let response: Response
    try {
      response = await fetch(`${collectorUrl}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': mediaType(request), [tenantHeader]: tenantId },
        body: Readable.toWeb(body) as ReadableStream,
        duplex: 'half',
        signal: AbortSignal.timeout(collectorMs),
      } as RequestInit & { duplex: 'half' })
      await response.arrayBuffer()
    } catch (error) {
      const problem = failure()
      if (problem) throw problem
      // half a body that does not go on, or whose sender went away, says nothing about the collector, and may page nobody
      const late = (error as Error).name === 'TimeoutError' || request.raw.destroyed
      if (late && !request.raw.complete) throw new Problem('request_timeout', 'The spans did not arrive whole in time')
      metrics.spansRequests.inc({ outcome: 'error' })
      throw new Problem('collector_unavailable', 'The collector does not answer; try again')
    }
    metrics.spansRequests.inc({ outcome: response.ok ? 'ok' : 'refused' })
    // it may have counted them already: a retry would count them twice
    return response.ok
      ? undefined
      : `The collector refused these spans (${requestOutcome(response.status)}); do not send them again`
  }
}

/** The body, decompressed, cut off with a Problem when it is too large in either form. */
function limit(request: FastifyRequest<{ Body: Readable }>): { body: Readable; failure: () => Problem | undefined } {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  let failure: Problem | undefined
  const fail = (problem: Problem): Problem => {
    failure ??= problem
    return problem
  }
  const atMost = (maxBytes: number, detail: string): Transform => {
    let bytes = 0
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        if (bytes > maxBytes) done(fail(new Problem('too_large', detail)))
        else done(null, chunk)
      },
    })
  }
  const steps: Transform[] = [atMost(maxSpansBytes, `Spans are at most ${maxSpansBytes} bytes as sent`)]
  if (encoding === 'gzip') {
    const gunzip = createGunzip()
    gunzip.on('error', () => fail(new Problem('invalid_json', 'The body is not gzip')))
    steps.push(
      gunzip,
      atMost(maxSpansDecompressedBytes, `Spans are at most ${maxSpansDecompressedBytes} bytes decompressed`),
    )
  } else if (encoding !== 'identity') {
    throw new Problem('unsupported_media_type', 'Content-Encoding must be identity or gzip')
  }
  let body: Readable = request.body
  for (const step of steps) {
    const source = body
    source.on('error', (error) => step.destroy(error))
    body = source.pipe(step)
  }
  return { body, failure: () => failure }
}

const mediaType = (request: FastifyRequest): string =>
  request.headers['content-type']?.startsWith(protobuf) ? protobuf : 'application/json'

/** An OTLP answer in the sender's encoding: success, or a partial success that says why nothing was kept. */
function answer(request: FastifyRequest, reply: FastifyReply, refused?: string): FastifyReply {
  if (mediaType(request) === protobuf)
    return reply.type(protobuf).send(refused ? protobufPartialSuccess(refused) : Buffer.alloc(0))
  return reply
    .type('application/json')
    .send(refused ? JSON.stringify({ partialSuccess: { errorMessage: refused } }) : '{}')
}

/** `ExportTraceServiceResponse { partial_success = 1 { error_message = 2 } }`; our message is shorter than 126 bytes. */
function protobufPartialSuccess(message: string): Buffer {
  const text = Buffer.from(message)
  return Buffer.concat([Buffer.from([0x0a, text.length + 2, 0x12, text.length]), text])
}
