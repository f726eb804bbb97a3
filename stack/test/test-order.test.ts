import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { order, patient, timed } from '../src/test-order.ts'

t.test('each file is run once, those that are listed in the order of their list', async (t) => {
  const [patientest = '', ...rest] = patient
  const [firstTimed = '', secondTimed = ''] = timed
  const files = ['a.test.ts', secondTimed, ...rest, 'b.test.ts', firstTimed, patientest]
  t.strictSame(order(files), { patient, others: ['a.test.ts', 'b.test.ts'], timed: [firstTimed, secondTimed] })
  t.strictSame(order(['a.test.ts']), { patient: [], others: ['a.test.ts'], timed: [] })
})

t.test('each file that is listed is there, and in one list', async (t) => {
  const listed = [...patient, ...timed]
  t.equal(new Set(listed).size, listed.length)
  const root = join(import.meta.dirname, '../..')
  t.strictSame(
    listed.filter((file) => !existsSync(join(root, file))),
    [],
  )
})
