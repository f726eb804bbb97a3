import t from 'tap'
import { createSession, isOver } from '../src/session.ts'
import { uuid7, uuid7Ms } from '../src/uuid7.ts'

const minute = 60_000

t.test('a session ends after 30 idle minutes, or at 4 hours however busy', async (t) => {
  const id = uuid7()
  const at = uuid7Ms(id)
  const cases: [name: string, seenMs: number, atMs: number, over: boolean][] = [
    ['at once', at, at, false],
    ['idle for just under 30 min', at, at + 30 * minute - 1, false],
    ['idle for 30 min', at, at + 30 * minute, true],
    ['busy until just under 4 h', at + 239 * minute, at + 240 * minute - 1, false],
    ['busy until 4 h', at + 239 * minute, at + 240 * minute, true],
    ['before its own beginning, as the clock went back', at, at - 1, true],
  ]
  for (const [name, seenMs, atMs, over] of cases)
    t.equal(isOver({ id, seenMs, messages: 0, offsetMs: 0 }, atMs), over, name)
  t.ok(isOver({ id: 'tampered with', seenMs: at, messages: 0, offsetMs: 0 }, at))
})

t.test('events keep a session alive, and a new one counts its messages from one', async (t) => {
  const session = createSession(() => false)
  t.equal(session.load()?.id, undefined)
  const startMs = Date.now()
  const first = session.touch(startMs, 1)
  t.match(session.touch(startMs + 29 * minute, 0), { id: first.id, messages: 1 })
  t.match(session.touch(startMs + 58 * minute, 1), { id: first.id, messages: 2 })
  t.equal(session.load()?.id, first.id)
  const second = session.touch(startMs + 88 * minute, 1)
  t.not(second.id, first.id)
  t.equal(second.messages, 1)
})

t.test('a session begins at the moment of its first event, not when the clock is asked again', async (t) => {
  const session = createSession(() => false)
  const eventId = uuid7()
  const later = uuid7Ms(eventId) + 5
  while (Date.now() < later) {
    // until the clock has moved on, as it may between two lines
  }
  t.equal(uuid7Ms(session.touch(uuid7Ms(eventId), 0).id), uuid7Ms(eventId))
})
