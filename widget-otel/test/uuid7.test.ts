import { uuid7Pattern } from 'contract/envelope'
import t from 'tap'
import { shiftUuid7, uuid7, uuid7Ms } from '../src/uuid7.ts'

t.test('ids are valid, distinct and in the order in which they were made', async (t) => {
  const ids = Array.from({ length: 5_000 }, uuid7)
  t.ok(ids.every((id) => new RegExp(uuid7Pattern).test(id)))
  t.equal(new Set(ids).size, ids.length)
  t.same([...ids].sort(), ids)
})

t.test('order holds while the clock stands, and while it steps back a little', async (t) => {
  let nowMs = 1_800_000_000_000
  t.intercept(Date, 'now', { value: () => nowMs })
  const ids = Array.from({ length: 500 }, uuid7)
  nowMs -= 9_000
  ids.push(uuid7())
  t.same([...ids].sort(), ids)
  nowMs -= 20_000
  t.equal(uuid7Ms(uuid7()), nowMs, 'after a large step the clock is believed')
})

t.test('an id moves in time with its random bits', async (t) => {
  const id = uuid7()
  const moved = shiftUuid7(id, -90_061_001)
  t.equal(uuid7Ms(moved), uuid7Ms(id) - 90_061_001)
  t.equal(moved.slice(13), id.slice(13))
  t.equal(shiftUuid7(moved, 90_061_001), id)
})
