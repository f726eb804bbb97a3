import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { tryLock, withLock } from '../src/lock.ts'

t.test('of two tasks under one lock the second waits for the first', async (t) => {
  const file = join(t.testdir({}), 'lock')
  const seen: string[] = []
  const first = Promise.withResolvers<void>()
  const running = withLock(file, async () => {
    seen.push('first begins')
    await first.promise
    seen.push('first ends')
  })
  const waiting = withLock(file, async () => void seen.push('second'), {
    onWait: () => {
      seen.push('waits')
      first.resolve()
    },
  })
  await Promise.all([running, waiting])
  t.same(seen, ['first begins', 'waits', 'first ends', 'second'])
})

t.test('who is killed gives its lock back', async (t) => {
  const file = join(t.testdir({}), 'lock')
  const source = `import { tryLock } from '${join(import.meta.dirname, '../src/lock.ts')}'
    const unlock = tryLock(${JSON.stringify(file)})
    console.log(unlock ? 'holds' : 'not')
    // who is forgotten, and then collected as garbage, holds nothing
    setInterval(() => unlock, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => holder.kill('SIGKILL'))
  const [said] = await once(holder.stdout, 'data')
  t.equal(`${said}`, 'holds\n')
  t.equal(tryLock(file), undefined)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const unlock = tryLock(file)
  t.type(unlock, 'function')
  unlock?.()
})

t.test('waiting for a lock can be given up', async (t) => {
  const file = join(t.testdir({}), 'lock')
  const unlock = tryLock(file)
  t.teardown(() => unlock?.())
  const signal = AbortSignal.timeout(100)
  await t.rejects(withLock(file, async () => t.fail('ran without the lock'), { signal }))
})
