// What the collector has acknowledged reaches the trace store, though the store was away and the collector was killed.
import { setTimeout as pause } from 'node:timers/promises'
import { dose } from 'stack/dose'
import t from 'tap'
import { makeSpan, request, startCollector } from './collector.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

const kills = dose({ short: 5, long: 50 })
t.setTimeout(kills * 20_000 + 60_000)

t.test(`${kills} times kill -9 with the store away lose no acknowledged span`, async (t) => {
  const store = await openStore(t)
  await store.close()
  const options = { storeUrl: store.url, queue: temporaryDirectory(t), set: readable }
  const acknowledged = new Set<string>()
  for (let kill = 0; kill < kills; kill++) {
    const collector = await startCollector(t, options)
    // however slow the disk: not before two requests are acknowledged
    let ended: Promise<unknown> | undefined
    let requests = 0
    const deadline = Date.now() + 15_000
    while (Date.now() < deadline) {
      const spans = Array.from({ length: 20 }, () => makeSpan('message_sent'))
      const status = await collector.sendAsGateway(request(spans)).catch(() => 0)
      if (status === 0) break
      if (status !== 200) continue
      for (const { spanId } of spans) acknowledged.add(spanId)
      if (++requests === 2) ended = pause(Math.random() * 1_000).then(() => collector.kill())
    }
    await (ended ?? collector.kill())
  }
  t.ok(acknowledged.size > 20 * kills, `${acknowledged.size} spans were acknowledged before a kill`)
  await store.open()
  await startCollector(t, options)
  const missing = () => [...acknowledged].filter((id) => !stored.has(id))
  const stored = new Map<string, number>()
  const all = () => {
    for (const { span } of store.stored.splice(0)) stored.set(span.spanId, (stored.get(span.spanId) ?? 0) + 1)
    return missing().length === 0
  }
  await until('all are stored', all, 60_000 + kills * 5_000).catch(() => {})
  t.strictSame(missing(), [])
  const twice = [...stored.values()].filter((times) => times > 1).length
  t.ok(twice < acknowledged.size / 100, `${twice} of ${acknowledged.size} are stored twice`)
})

t.test(
  "a full queue refuses browsers' spans, not our servers', and takes them again once it has drained",
  async (t) => {
    const store = await openStore(t)
    await store.close()
    const set = [...readable, 'exporters.otlp_http/browser.sending_queue.queue_size=50000']
    const collector = await startCollector(t, { storeUrl: store.url, queue: temporaryDirectory(t), set })
    const taken: string[] = []
    const send = async () => {
      const spans = Array.from({ length: 100 }, () => makeSpan('message_sent'))
      const status = await collector.sendAsGateway(request(spans))
      if (status === 200) taken.push(...spans.map(({ spanId }) => spanId))
      return status
    }
    t.equal(await until('it is full', async () => (await send()) === 503 && 503), 503)
    t.ok(taken.length > 0)
    const own = makeSpan('POST /api/estimate')
    t.equal(await collector.sendAsServer(request([own])), 200)
    await store.open()
    for (const spanId of [...taken, own.spanId]) await store.find(spanId)
    t.equal(await until('it takes spans again', async () => (await send()) === 200 && 200), 200)
  },
)
