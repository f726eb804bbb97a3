import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openLog } from '../src/log.ts'
import { type Supervised, supervise } from '../src/supervisor.ts'
import { waitFor } from '../src/wait.ts'

type Options = { source: string; healthy?: () => Promise<boolean>; held?: () => boolean }

/** Supervises a small program; `said` is what a person would read. */
function run(t: Test, { source, healthy = async () => true, held = () => false }: Options) {
  const said: string[] = []
  const supervised: Supervised = supervise(
    {
      name: 'thing',
      title: 'The thing',
      command: async () => ({ file: process.execPath, args: ['-e', source] }),
      healthy,
    },
    { log: openLog(join(t.testdir({}), 'thing.log')), say: (line) => said.push(line), held, onChange: () => {} },
  )
  t.teardown(() => supervised.close())
  const saying = (sentence: RegExp) => waitFor(() => said.some((line) => sentence.test(line)), { timeoutMs: 20_000 })
  return { supervised, said, saying }
}

const forever = 'setInterval(() => {}, 1000)'

t.test('a killed child is started again and both are said', async (t) => {
  const { supervised, said, saying } = run(t, { source: forever })
  await supervised.ready
  const first = supervised.running()?.pid as number
  process.kill(first, 'SIGKILL')
  t.ok(await saying(/answers again/))
  t.same(said, ['The thing ended (SIGKILL); starting it again in 0.5 s', 'The thing answers again'])
  t.not(supervised.running()?.pid, first)
})

t.test('one that never comes up is told with its reason, its last line and its log', async (t) => {
  const source = 'console.error("port 1 is mine"); process.exit(7)'
  const { supervised, said, saying } = run(t, { source, healthy: async () => false })
  await t.rejects(supervised.ready, /The thing does not start \(exit code 7, 4 times\)/)
  t.ok(await saying(/does not start/))
  t.match(said.at(-1), /Its last line was: port 1 is mine \(.*thing\.log\)$/)
})

t.test('a held one stays stopped until it is released', async (t) => {
  let hold = false
  const { supervised, said, saying } = run(t, { source: forever, held: () => hold })
  await supervised.ready
  hold = true
  t.ok(await saying(/^The thing is stopped/))
  t.equal(supervised.running(), undefined)
  hold = false
  t.ok(await saying(/answers again/))
  t.same(said, ['The thing is stopped; npm start -- --resume thing brings it back', 'The thing answers again'])
})

t.test('closing while it starts leaves nothing', async (t) => {
  const { supervised } = run(t, { source: forever, healthy: async () => false })
  await waitFor(() => supervised.running() !== undefined, { timeoutMs: 5_000 })
  const pid = supervised.running()?.pid as number
  await supervised.close()
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  await t.rejects(supervised.ready, /was stopped/)
})
