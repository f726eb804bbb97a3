import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { startChild } from '../src/child.ts'
import { startMark } from '../src/pids.ts'
import { waitFor } from '../src/wait.ts'

const script = (source: string) => ({ file: process.execPath, args: ['-e', source] })

t.test('output, exit code and signal are the program’s own', async (t) => {
  const child = startChild(script('console.log("out"); console.error("err"); process.exit(3)'))
  t.same(await Promise.all([text(child.stdout), text(child.stderr), child.exited]), ['out\n', 'err\n', 'exit code 3'])
  t.equal(await child.ended, 'exit code 3')
  const missing = startChild({ file: '/no/such/program', args: [] })
  t.same(await missing.exited, 'exit code 127')
})

t.test('a child that does not heed being asked is killed', async (t) => {
  const child = startChild(script('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'))
  await once(child.stdout, 'data')
  await child.stop(100)
  t.equal(await child.exited, 'SIGKILL')
})

t.test('a child ends when the process that started it is killed', async (t) => {
  const source = `import { startChild } from '${join(import.meta.dirname, '../src/child.ts')}'
    console.log(startChild({ file: 'sleep', args: ['600'] }).pid)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => parent.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  const pid = Number(line)
  t.ok(startMark(pid), 'it runs')
  parent.kill('SIGKILL')
  t.ok(await waitFor(() => startMark(pid) === undefined, { timeoutMs: 5_000 }), 'it is gone')
})
