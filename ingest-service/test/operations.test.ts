// The operator's way from a trace id to whatever shows it: the store's own answer, or Grafana, asked as its store must be.
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { createMetrics } from '../src/metrics.ts'
import { buildOperations } from '../src/operations.ts'
import { createTraces } from '../src/traces/client.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const grafanaUrl = 'https://grafana.example'

const nowhere = {
  prometheusUrl: undefined,
  alertmanagerUrl: undefined,
  canaryUrl: undefined,
  collectorUrl: 'http://127.0.0.1:9',
  tracesUrl: undefined,
  grafanaUrl: undefined,
}

/** A server that answers for a trace as this store does, and to every other path as both do. */
async function startStore(t: Test, path: string, answer: object) {
  const server = Fastify()
  server.get(path, async () => answer)
  server.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('404 page not found'))
  t.teardown(() => server.close())
  return server.listen({ host: '127.0.0.1', port: 0 })
}
const startJaeger = (t: Test) => startStore(t, '/api/v3/traces/:id', { result: { resourceSpans: [] } })
const startTempo = (t: Test) => startStore(t, '/api/v2/traces/:id', { trace: {} })

async function follow(t: Test, tracesUrl: string | undefined, grafana?: string, id = traceId) {
  const app = buildOperations({
    metrics: createMetrics('0.0.0', () => ({ waitingRows: 0, waitingBytes: 0 })),
    health: { problem: () => undefined } as any,
    traces: createTraces(tracesUrl),
    grafanaUrl: grafana,
    surroundings: nowhere,
  })
  t.teardown(() => app.close())
  const { statusCode, headers } = await app.inject(`/trace/${id}`)
  return { status: statusCode, location: `${headers.location}` }
}

/** What Grafana's Explore is asked. */
const asked = (location: string) => {
  const { origin, pathname, searchParams } = new URL(location)
  t.strictSame([origin, pathname], [grafanaUrl, '/explore'])
  return JSON.parse(searchParams.get('panes') ?? '').trace.queries[0]
}

t.test('without Grafana the trace store’s own answer is shown', async (t) => {
  const jaeger = await startJaeger(t)
  t.strictSame(await follow(t, jaeger), { status: 302, location: `${jaeger}/api/v3/traces/${traceId}` })
  const tempo = await startTempo(t)
  t.strictSame(await follow(t, tempo), { status: 302, location: `${tempo}/api/v2/traces/${traceId}` })
})

t.test('Grafana is asked as its data source for that store must be', async (t) => {
  const { location } = await follow(t, await startJaeger(t), grafanaUrl)
  // a Jaeger data source answers nothing to a query that has a type
  t.strictSame(asked(location), { refId: 'A', datasource: { uid: 'traces' }, query: traceId })
  const tempo = await follow(t, await startTempo(t), grafanaUrl)
  t.strictSame(asked(tempo.location), {
    refId: 'A',
    datasource: { uid: 'traces' },
    queryType: 'traceql',
    query: traceId,
  })
})

t.test('what is no trace id, and a store that is away, are said to be', async (t) => {
  t.equal((await follow(t, await startJaeger(t), grafanaUrl, 'x"><script>')).status, 404)
  t.equal((await follow(t, 'http://127.0.0.1:9', grafanaUrl)).status, 404)
  t.equal((await follow(t, undefined)).status, 404)
})
