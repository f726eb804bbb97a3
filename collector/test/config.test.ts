// The configuration itself.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { configFile } from './collector.ts'
import { temporaryDirectory } from './server.ts'

t.test('the collector calls its configuration valid, with nothing set but the queue', async (t) => {
  const env = { COLLECTOR_QUEUE: temporaryDirectory(t) }
  await t.resolves(promisify(execFile)(await toolPath('collector'), ['validate', '--config', configFile], { env }))
})

t.test('only addresses, ports and the queue differ between machines', async (t) => {
  const variables = new Set(
    [...readFileSync(configFile, 'utf8').matchAll(/\$\{env:([A-Z_]+)/g)].map(([, name]) => name),
  )
  t.strictSame([...variables].sort(), [
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
