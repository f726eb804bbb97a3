// The configuration itself.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { configFile } from './collector.ts'
import { temporaryDirectory } from './server.ts'

t.test('the collector calls its configuration valid, with nothing set but the queue', async (t) => {
  const env = { COLLECTOR_QUEUE: temporaryDirectory(t) }
  await t.resolves(promisify(execFile)(await toolPath('collector'), ['validate', '--config', configFile], { env }))
})

t.test('only addresses, ports and what is about the queue differ between machines', async (t) => {
  const variables = new Set(
    [...readFileSync(configFile, 'utf8').matchAll(/\$\{env:([A-Z_]+)/g)].map(([, name]) => name),
  )
  t.strictSame([...variables].sort(), [
    'COLLECTOR_CORRUPT_QUEUES',
    'COLLECTOR_HEALTH_PORT',
    'COLLECTOR_HOST',
    'COLLECTOR_INTERNAL_PORT',
    'COLLECTOR_METRICS_PORT',
    'COLLECTOR_OTLP_PORT',
    'COLLECTOR_QUEUE',
    'COLLECTOR_SPAN_METRICS_PORT',
    'TRACE_STORE_OTLP',
  ])
})

t.test(
  'memory is limited before anything else, nothing is sampled, and every queue is on the disk and sized in bytes',
  async (t) => {
    const config = readFileSync(configFile, 'utf8')
    const pipelines = [...config.matchAll(/^ {6}processors: \[([^\]]*)\]/gm)].map(([, names = '']) => names.split(', '))
    t.equal(pipelines.length, 2)
    for (const [first] of pipelines) t.equal(first, 'memory_limiter')
    t.notMatch(config, /sampl(er|ing)\b(?! weight)/)
    const queues = [...config.matchAll(/sending_queue: (.*)/g)].map(([, queue]) => queue)
    t.equal(queues.length, 2)
    for (const queue of queues) t.match(queue, /^\{storage: file_storage\/queue, sizer: bytes, queue_size: \d+\}$/)
    t.match(config, /file_storage\/queue: \{.*fsync: true/)
  },
)

t.test('every limit on series is the one that is computed', async (t) => {
  const series = fileURLToPath(new URL('../src/series.ts', import.meta.url))
  const run = (env = {}) => promisify(execFile)(process.execPath, [series], { env: { ...process.env, ...env } })
  t.match((await run()).stdout, /^60 series of calls for each tenant/)
  await t.rejects(run({ TENANTS_MAX: '501' }), {
    code: 1,
    stdout: /^fuse +60120 but 60000 in collector\/config\.yaml$/m,
  })
})

t.test('the collector is compiled from the versions that its manifest names', async (t) => {
  const read = (file: string) => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')
  const named = [...read('manifest.yaml').matchAll(/gomod: (\S+ v\S+)/g)].map(([, module = '']) => module)
  t.ok(named.length)
  t.strictSame(
    named.filter((module) => !read('go.mod').includes(`\t${module}\n`)),
    [],
  )
})
