import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { startTracing } from '../src/tracing.ts'
import { buildBundles } from './bundles.ts'

type Span = { name: string; traceId: string; parentSpanId: string; kind: number; status: { code?: number } }

const spans: Span[] = []
const services = new Set<string>()
const collector = createServer(async (request, response) => {
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
  for (const { resource, scopeSpans } of body.resourceSpans) {
    services.add(resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value.stringValue)
    for (const scope of scopeSpans) spans.push(...scope.spans)
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
})
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
t.teardown(() => collector.close())

const tracing = startTracing(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`)
const bundles = await buildBundles(t)
const app = await buildApp({ ingestUrl: 'http://127.0.0.1:8080', siteKey: 'pk_test', bundles }, tracing.plugin)
t.teardown(() => app.close())

t.test('a server span continues the browser’s trace; pages make none; a failure is marked', async (t) => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  await app.inject('/')
  await app.inject({ url: '/api/config', headers })
  await app.inject({ method: 'POST', url: '/switches', payload: { failing_api: true } })
  await app.inject({ method: 'POST', url: '/api/messages', headers, payload: { asked: 'service', text: 'roof' } })
  await tracing.stop()

  t.same([...services], ['demo-api'])
  // by name: on a slow machine they come in two requests, in any order
  const server = spans.filter(({ kind }) => kind === 2).sort((one, other) => one.name.localeCompare(other.name))
  t.match(server, [
    { name: 'GET /api/config', traceId, parentSpanId: 'b7ad6b7169203331', status: { code: 0 } },
    { name: 'POST /api/messages', traceId, parentSpanId: 'b7ad6b7169203331', status: { code: 2 } },
  ])
  t.equal(server.length, 2)
})
