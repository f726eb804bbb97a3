// What the collector has acknowledged reaches the trace store, though the store was away and the collector was killed.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { makeSpan, request, startCollector } from './collector.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

t.test('kill -9 with the store away loses no acknowledged span', async (t) => {
  const store = await openStore(t)
  await store.close()
  const options = { storeUrl: store.url, queue: temporaryDirectory(t), set: readable }
  const acknowledged = new Set<string>()
  for (let kill = 0; kill < 3; kill++) {
    const collector = await startCollector(t, options)
    const ended = pause(700).then(() => collector.kill())
    const deadline = Date.now() + 5_000
    while (Date.now() < deadline) {
      const spans = Array.from({ length: 20 }, () => makeSpan('message_sent'))
      const status = await collector.sendAsGateway(request(spans)).catch(() => 0)
      if (status === 0) break
      if (status === 200) for (const { spanId } of spans) acknowledged.add(spanId)
    }
    await ended
  }
  t.ok(acknowledged.size > 100, `${acknowledged.size} spans were acknowledged before a kill`)
  await store.open()
  await startCollector(t, options)
  const missing = () => [...acknowledged].filter((id) => !stored.has(id))
  const stored = new Map<string, number>()
  await until('all are stored', () => {
    for (const { span } of store.stored.splice(0)) stored.set(span.spanId, (stored.get(span.spanId) ?? 0) + 1)
    return missing().length === 0
  }).catch(() => {})
  t.strictSame(missing(), [])
  t.ok(
    [...stored.values()].every((times) => times === 1),
    'each is stored once',
  )
})
