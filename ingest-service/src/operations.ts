// The operations port, for the people and programs that run the service: never published.
import { allRunbooks } from 'contract/runbooks'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'
import { pagePolicy, renderPage } from './operator/page.ts'
import { type Surroundings, takePicture } from './operator/picture.ts'
import { Problem, sendProblem } from './problem.ts'
import type { Traces } from './traces/client.ts'

export type OperationsDependencies = {
  metrics: Metrics
  health: Health
  traces: Traces
  grafanaUrl: string | undefined
  /** Where the parts are that the operator's page asks. */
  surroundings: Surroundings
  now?: () => number
}

/** Liveness, readiness, metrics, and the way from a trace id to whatever shows it. */
export function buildOperations({
  metrics,
  health,
  traces,
  grafanaUrl,
  surroundings,
  now = Date.now,
}: OperationsDependencies): FastifyInstance {
  const app = Fastify()
  app.get('/', async (_request, reply) => {
    const picture = await takePicture(surroundings, { metrics, health }, new Date(now()))
    return reply
      .headers({
        'content-security-policy': pagePolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      .type('text/html; charset=utf-8')
      .send(renderPage(picture, links(grafanaUrl)))
  })
  app.get('/livez', async () => 'alive\n')
  app.get('/readyz', async (_request, reply) => {
    const problem = health.problem()
    return problem ? reply.code(503).send(`${problem}\n`) : 'ready\n'
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  app.get<{ Params: { id: string } }>('/trace/:id', async (request, reply) => {
    const { id } = request.params
    if (!/^[0-9a-f]{32}$/.test(id)) return sendProblem(reply, new Problem('not_found', 'A trace id has 32 hex digits'))
    const place = await traces.locate(id)
    if (place && grafanaUrl) return reply.redirect(explore(grafanaUrl, place.store.grafanaQuery(id)))
    if (place) return reply.redirect(place.url)
    return sendProblem(reply, new Problem('not_found', 'No trace store answers at TRACES_URL'))
  })
  return app
}

/** Grafana's Explore takes its panes as JSON in the address. */
function explore(grafanaUrl: string, query: object): string {
  const panes = {
    trace: {
      datasource: 'traces',
      queries: [{ refId: 'A', datasource: { uid: 'traces' }, ...query }],
      range: { from: 'now-14d', to: 'now' },
    },
  }
  return `${grafanaUrl}/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`
}

/** Where to go on from the operator's page. */
const links = (grafanaUrl: string | undefined): { title: string; url: string }[] => [
  ...(grafanaUrl
    ? [
        { title: 'Alerts and SLOs', url: `${grafanaUrl}/d/leadlight-alerts` },
        { title: 'Ingest', url: `${grafanaUrl}/d/leadlight-ingest` },
        { title: 'Pipeline', url: `${grafanaUrl}/d/leadlight-pipeline` },
        { title: 'Widget health', url: `${grafanaUrl}/d/leadlight-widget-health` },
      ]
    : []),
  { title: 'Whether this process is ready', url: '/readyz' },
  { title: "This process's metrics", url: '/metrics' },
  { title: 'Runbooks', url: allRunbooks },
]
