// The public port: its routes, what they share, and how they refuse. The process around it is server.ts.
import type { Socket } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import fastifyCors from '@fastify/cors'
import fastifySwagger from '@fastify/swagger'
import { siteKeyHeader } from 'contract/spans'
import Fastify, {
  type ConnectionError,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginCallback,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Metrics } from './metrics.ts'
import { describeProblem, Problem, problemOf, sendProblem } from './problem.ts'
import { watchRequests } from './requests.ts'
import { type AnalyticsDependencies, analyticsRoutes } from './routes/analytics.ts'
import { type EventsDependencies, eventsRoute } from './routes/events.ts'
import { type PortalDependencies, portalRoutes } from './routes/portal.ts'
import { type TracesDependencies, tracesRoute } from './routes/traces.ts'
import { widgetRoutes } from './routes/widget.ts'

export type Dependencies = EventsDependencies &
  TracesDependencies &
  AnalyticsDependencies & {
    logger: FastifyBaseLogger
    metrics: Metrics
    version: string
    publicUrl: string
    trustedProxies: string[]
    portalDirectory: PortalDependencies['directory']
    widgetDirectory: string
    /** Makes spans of the requests of people; none without. */
    tracing?: FastifyPluginCallback
  }

/** Longest wait for a whole request, in milliseconds: a slow phone is served, a held socket is not. */
const requestMs = 15_000
/** Preflights are remembered this long, in seconds (the most Chromium grants). */
const preflightSeconds = 7_200
/** Lets pages of any site load an answer. */
const crossOrigin = { 'cross-origin-resource-policy': 'cross-origin' }
const allowedMethods = ['GET', 'POST']
const allowedHeaders = ['content-type', siteKeyHeader]
const exposedHeaders = ['Retry-After']

/** Builds the public app; every dependency is passed in, nothing is read from the environment. */
export async function buildApp(dependencies: Dependencies): Promise<FastifyInstance> {
  const { logger, metrics, version, publicUrl, trustedProxies, limits, ingest, tracing } = dependencies
  const { portalDirectory, widgetDirectory } = dependencies
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestMs,
    connectionTimeout: requestMs,
    trustProxy: trustedProxies.length > 0 && trustedProxies,
    ajv: { customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false } },
    routerOptions: { maxParamLength: 200 },
    // what still arrives on open connections while the process ends is served: its writer ends last
    return503OnClosing: false,
    // no line names a request, so none needs a logger of its own
    childLoggerFactory: (parent) => parent,
    clientErrorHandler: (error, socket) => refuseConnection(metrics, error, socket),
  })

  app.setErrorHandler((error: Error, request, reply) => refuse(request, reply, error))
  app.setNotFoundHandler(notFound)
  watchRequests(app, metrics)
  closeConnectionsAtTheEnd(app)

  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Leadlight', version, description: 'The public port of ingest-service' },
      servers: [{ url: publicUrl }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  })
  app.get(
    '/openapi.json',
    { config: { route: 'openapi' }, schema: { summary: 'This description', tags: ['openapi'] } },
    async () => app.swagger(),
  )

  await app.register(
    async (scope) => {
      await openToAllOrigins(scope)
      readBodiesAsBytes(scope)
      eventsRoute(scope, dependencies)
    },
    { prefix: '/api/v1/widget' },
  )
  await app.register(
    async (scope) => {
      await openToAllOrigins(scope)
      tracesRoute(scope, dependencies)
    },
    { prefix: '/v1' },
  )
  await app.register(async (scope) => {
    // by hand: the plugin's preflight would answer for every path
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({
        ...crossOrigin,
        'access-control-allow-origin': '*',
        'access-control-expose-headers': exposedHeaders.join(', '),
      })
    })
    await widgetRoutes(scope, { directory: widgetDirectory })
    scope.all('/widget*', { schema: { hide: true } }, (request, reply) =>
      request.method === 'OPTIONS' ? allowPreflight(reply) : notFound(request, reply),
    )
  })

  await app.register(fastifyCookie)
  await app.register(async (people) => {
    if (tracing) await people.register(tracing)
    await people.register(async (scope) => analyticsRoutes(scope, dependencies), { prefix: '/api/v1/analytics' })
    await people.register((scope) => portalRoutes(scope, { ingest, limits, publicUrl, directory: portalDirectory }), {
      prefix: '/portal',
    })
  })
  return app

  async function refuse(request: FastifyRequest, reply: FastifyReply, error: Error): Promise<FastifyReply> {
    const problem = problemOf(error)
    const route = request.routeOptions.config.route ?? 'other'
    // what a caller did wrong is no news here; what we did is
    if (problem.status >= 500) {
      // a refusal of our own names its reason; anything else needs its stack
      const err = error instanceof Problem ? undefined : error
      request.log.error({ err, code: problem.code, route }, 'request failed')
    } else request.log.debug({ code: problem.code, route }, 'request refused')
    return sendProblem(reply, problem)
  }
}

/** A connection kept alive would hold a process that is being stopped until it times out. */
function closeConnectionsAtTheEnd(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', (done) => {
    closing = true
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
}

/** What is no HTTP, or came too slowly to be waited for: no request, so no route answers. */
function refuseConnection(metrics: Metrics, error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const problem = isLate
    ? new Problem('request_timeout', 'The request took too long to arrive')
    : new Problem('invalid_http', 'This is no HTTP request')
  metrics.problems.inc({ code: problem.code })
  const body = JSON.stringify(describeProblem(problem))
  const head = [
    `HTTP/1.1 ${problem.status} ${isLate ? 'Request Timeout' : 'Bad Request'}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'access-control-allow-origin: *',
    'cross-origin-resource-policy: cross-origin',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    new Problem('not_found', `There is nothing at ${request.method} ${request.url.split('?')[0]}`),
  )
}

function allowPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .headers({
      'access-control-allow-methods': allowedMethods.join(', '),
      'access-control-allow-headers': allowedHeaders.join(', '),
      'access-control-max-age': String(preflightSeconds),
    })
    .code(204)
    .send()
}

/**
 * CORS for everyone, without credentials, on every answer of the scope: a refusal without these headers would look to
 * the browser like a network failure and be retried for ever. Who may send is decided by the request itself.
 */
async function openToAllOrigins(scope: FastifyInstance): Promise<void> {
  scope.addHook('onRequest', async (_request, reply) => {
    reply.headers(crossOrigin)
  })
  await scope.register(fastifyCors, {
    origin: '*',
    methods: allowedMethods,
    allowedHeaders,
    exposedHeaders,
    maxAge: preflightSeconds,
    strictPreflight: false,
  })
  // a handler of the scope's own, so that its 404 carries the headers too
  scope.setNotFoundHandler(notFound)
}

/** Both content types take exactly the same path; compressed bodies are not taken. */
function readBodiesAsBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(['application/json', 'text/plain'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  scope.addHook('preParsing', async (request) => {
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      throw new Problem('unsupported_media_type', 'Events are taken uncompressed')
    }
  })
}
