import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { checkQueue } from '../src/queue.ts'
import { toolPath } from '../src/tools.ts'

t.test('a corrupt queue file is moved aside and told, a good one stays', async (t) => {
  const bbolt = await toolPath('bbolt')
  const directory = t.testdir({})
  await execa(bbolt, ['bench', '--work', '--count', '10', '--batch-size', '10', '--path', join(directory, 'good')])
  writeFileSync(join(directory, 'exporter_traces'), 'this is no database'.repeat(1_000))
  const said: string[] = []
  await checkQueue(directory, bbolt, (line) => said.push(line))
  t.same(readdirSync(directory).sort(), ['corrupt', 'good'])
  t.match(readdirSync(join(directory, 'corrupt')), [/^exporter_traces\./])
  t.match(said, [
    /queue was corrupt and is moved aside; the spans in it were not delivered: .*\/corrupt\/exporter_traces\./,
  ])
})

t.test('a collector that never ran has no queue to check', async (t) => {
  await t.resolves(checkQueue(join(t.testdir({}), 'none'), '/no/such/program', t.fail))
})
