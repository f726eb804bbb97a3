// A corrupt queue file ends no start: it is moved aside, told and counted, and the collector goes on with an empty queue.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { makeSpan, request, startCollector } from './collector.ts'
import { temporaryDirectory, until } from './server.ts'
import { openStore, readable } from './store.ts'

const away = 'http://127.0.0.1:9'
const pageBytes = 4_096
const store = await openStore(t)

/** A queue in which spans wait, as a killed collector leaves it. */
const waiting = await (async () => {
  const queue = temporaryDirectory(t)
  const collector = await startCollector(t, { storeUrl: away, queue, set: readable })
  for (let requests = 0; requests < 50; requests++)
    await collector.sendAsGateway(request(Array.from({ length: 40 }, () => makeSpan('message_sent'))))
  await collector.kill()
  const [file = ''] = readdirSync(queue).filter((name) => name !== 'corrupt')
  return { file, bytes: readFileSync(`${queue}/${file}`) }
})()

const damage = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(waiting.bytes)
  change(bytes)
  return bytes
}
/** Every page of the kind that bbolt writes into its header: 1 branch, 2 leaf. */
const pages = (kind: number) => {
  const starts = Array.from({ length: waiting.bytes.length / pageBytes }, (_, page) => page * pageBytes)
  return starts.slice(2).filter((start) => waiting.bytes.readUInt16LE(start + 8) === kind)
}

const corrupt: Record<string, Buffer> = {
  'an empty file': Buffer.alloc(0),
  noise: randomBytes(1_000_000),
  'a file cut in half': waiting.bytes.subarray(0, waiting.bytes.length / 2),
  'a file without its first pages': damage((bytes) => bytes.fill(0, 0, 2 * pageBytes)),
  'noise in its leaves': damage((bytes) => {
    for (const start of pages(2)) randomBytes(200).copy(bytes, start)
  }),
  'pages that point at themselves': damage((bytes) => {
    for (const start of [...pages(1), ...pages(2)]) bytes.writeUInt16LE(1, start + 8)
  }),
}

for (const [what, bytes] of Object.entries(corrupt))
  t.test(`${what}: it starts by itself, keeps the file, and says so`, async (t) => {
    const queue = temporaryDirectory(t)
    writeFileSync(`${queue}/${waiting.file}`, bytes)
    const collector = await startCollector(t, { storeUrl: store.url, queue, set: readable })
    const span = makeSpan('lead_captured')
    t.equal(await collector.sendAsGateway(request([span])), 200)
    await store.find(span.spanId)
    const [kept = ''] = readdirSync(`${queue}/corrupt`)
    t.ok(kept.startsWith(`${waiting.file}.`))
    t.ok(readFileSync(`${queue}/corrupt/${kept}`).equals(bytes), 'as it was')
    t.match(collector.log(), /queue was corrupt and is moved aside; the spans in it were not delivered: .*\/corrupt\//)
    t.match(await collector.ownMetrics(), /^target_info\{.*leadlight_queue_corrupt_files="1".*\} 1$/m)
  })

t.test('noise in the spans that wait: it starts by itself', async (t) => {
  const queue = temporaryDirectory(t)
  const bytes = damage((bytes) => {
    const name = 'message_sent'
    for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) randomBytes(30).copy(bytes, at - 30)
  })
  writeFileSync(`${queue}/${waiting.file}`, bytes)
  const collector = await startCollector(t, { storeUrl: store.url, queue, set: readable })
  const span = makeSpan('lead_captured')
  t.equal(await collector.sendAsGateway(request([span])), 200)
  await store.find(span.spanId)
})

t.test('what lies aside is counted at every start, and a sound queue is delivered', async (t) => {
  const queue = temporaryDirectory(t)
  mkdirSync(`${queue}/corrupt`)
  for (const name of ['one', 'two']) writeFileSync(`${queue}/corrupt/${name}`, '')
  writeFileSync(`${queue}/${waiting.file}`, waiting.bytes)
  const before = store.stored.length
  const collector = await startCollector(t, { storeUrl: store.url, queue, set: readable })
  await until('all that waited is stored', () => store.stored.length - before >= 2_000)
  t.match(await collector.ownMetrics(), /^target_info\{.*leadlight_queue_corrupt_files="2".*\} 1$/m)
  t.strictSame(readdirSync(`${queue}/corrupt`), ['one', 'two'])
})
