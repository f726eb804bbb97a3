// Every request of the public port: counted, timed, and told to come again where it is not all there when the process ends.
import { type requestOutcomes, routes } from 'contract/metrics'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Metrics, type Route, requestOutcome } from './metrics.ts'
import { Problem, sendProblem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The metric label of the route. */
    route?: Route
  }
  interface FastifyInstance {
    /** Answers every request that is not all there yet: the process ends, come again. */
    refuseIncomplete(): void
  }
  interface FastifyRequest {
    /** When the last byte of the request was there, by `performance.now()`. */
    completeMs: number
  }
}

/** Counts and times every request, from the moment its last byte was there. */
export function watchRequests(app: FastifyInstance, metrics: Metrics): void {
  const watched = new Map(routes.map((route) => [route, watchRoute(metrics, route)]))
  const incomplete = new Set<FastifyReply>()
  app.decorateRequest('completeMs', 0)
  app.decorateReply('problemCode', undefined)
  app.addHook('onRequest', (request, reply, done) => {
    request.completeMs = performance.now()
    const { raw, headers } = request
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      incomplete.add(reply)
      raw.once('end', () => {
        request.completeMs = performance.now()
        incomplete.delete(reply)
      })
      raw.once('close', () => incomplete.delete(reply))
    }
    done()
  })
  app.decorate('refuseIncomplete', () => {
    for (const reply of incomplete) {
      if (reply.sent || reply.raw.headersSent) continue
      reply.header('connection', 'close')
      sendProblem(reply, new Problem('shutting_down', 'The service is being stopped; try again'))
    }
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { requests, seconds } = watched.get(request.routeOptions.config.route ?? 'other')![
      requestOutcome(reply.statusCode)
    ]
    requests.inc()
    if (reply.problemCode) metrics.problems.inc({ code: reply.problemCode })
    seconds.observe((performance.now() - request.completeMs) / 1_000)
    done()
  })
}

function watchRoute(metrics: Metrics, route: Route) {
  const watch = (outcome: (typeof requestOutcomes)[number]) => ({
    requests: metrics.requests.labels({ route, outcome }),
    seconds: metrics.requestSeconds.labels({ route, outcome }),
  })
  return { ok: watch('ok'), refused: watch('refused'), error: watch('error') }
}
