// What our own servers say too much of is cut before the queue: the trace store would refuse it for ever, and what is behind it.
import { fileURLToPath } from 'node:url'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import t, { type Test } from 'tap'
import { makeSpan, request, startCollector, text } from './collector.ts'
import { startServer, temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

const long = 'ä'.repeat(50_000)

/** A span with 100,000 bytes wherever a text may stand, beside what is short. */
const excessive = () => {
  const span = makeSpan(long, {
    status: { code: 2, message: long },
    traceState: `a=${long}`,
    attributes: [
      text('short', 'as it was'),
      { key: 'few', value: { arrayValue: { values: [{ stringValue: 'a' }] } } },
      text('long', long),
      text(long, 'x'),
    ],
    events: [
      {
        name: long,
        timeUnixNano: `${Date.now()}000000`,
        attributes: [{ key: 'list', value: { arrayValue: { values: [{ stringValue: long }] } } }, text('long', long)],
      },
    ],
  })
  const resource = [text('service.name', 'demo-api'), text('process.command_line', long)]
  return { span, body: request([span], resource, { name: long, version: long, attributes: [text('long', long)] }) }
}

t.test('each is cut, and what is short stays as it was', async (t) => {
  const store = await openStore(t)
  const collector = await startCollector(t, { storeUrl: store.url, queue: temporaryDirectory(t), set: readable })
  const { span, body } = excessive()
  t.equal(await collector.sendAsServer(body), 200)
  const stored = await store.find(span.spanId)
  const texts: string[] = []
  JSON.stringify(stored, (key, value) => {
    texts.push(key)
    if (typeof value === 'string') texts.push(value)
    return value
  })
  t.ok(Math.max(...texts.map((each) => Buffer.byteLength(each))) <= 4_096)
  const cut = text('long', 'ä'.repeat(2_048))
  t.match(stored.resource.attributes, [text('service.name', 'demo-api'), { key: 'process.command_line' }])
  t.strictSame(stored.scope.attributes, [cut])
  t.ok(stored.span.attributes?.some(({ key, value }) => key === 'long' && value.stringValue === cut.value.stringValue))
  t.match(stored.span.attributes?.[0], text('short', 'as it was'))

  const own = makeSpan('POST /api/leads', {
    attributes: [{ key: 'few', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } }],
  })
  t.equal(await collector.sendAsServer(request([own], [text('service.name', 'demo-api')])), 200)
  t.strictSame((await store.find(own.spanId)).span.attributes, own.attributes, 'a short list stays a list')
})

t.test('Jaeger takes it, and what comes after', async (t) => {
  const jaeger = await startJaeger(t)
  const collector = await startCollector(t, { storeUrl: jaeger.otlp, queue: temporaryDirectory(t) })
  const { span, body } = excessive()
  const after = makeSpan('POST /api/leads')
  t.equal(await collector.sendAsServer(body), 200)
  t.equal(await collector.sendAsServer(request([after], [text('service.name', 'demo-api')])), 200)
  for (const { traceId } of [span, after])
    await until(`Jaeger holds ${traceId}`, async () => (await fetch(`${jaeger.url}/api/v3/traces/${traceId}`)).ok)
  t.notMatch(await collector.ownMetrics(), /^otelcol_exporter_send_failed_spans\S*internal\S* [1-9]/m)
})

async function startJaeger(t: Test) {
  const [api, otlp] = [await freePort(), await freePort()]
  const env = {
    TRACES_PORT: `${api}`,
    TRACES_OTLP_PORT: `${otlp}`,
    JAEGER_DATA: temporaryDirectory(t),
    TRACE_RETENTION: '1h',
  }
  const args = ['--config', fileURLToPath(new URL('../../stack/jaeger.yaml', import.meta.url))]
  const url = `http://127.0.0.1:${api}`
  await startServer(t, { file: await toolPath('jaeger'), args, env }, `${url}/api/services`)
  return { url, otlp: `http://127.0.0.1:${otlp}` }
}
