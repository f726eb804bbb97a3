import t from 'tap'
import { readScriptTime, type TraceEvent } from '../src/script-time.ts'

const script = 'http://site.example/widget.js'
const lazy = 'http://site.example/widget-later.js'
const main = { pid: 1, tid: 1, ph: 'X' }
const event = (name: string, ts: number, dur: number, url?: string): TraceEvent => ({
  ...main,
  name,
  ts,
  dur,
  // half of the time the thread did not have the processor
  tdur: dur / 2,
  args: { data: { url } },
})

t.test('a script costs the processor time of its evaluation and of the calls into it', async (t) => {
  const trace = [
    event('RunTask', 0, 10_000),
    event('EvaluateScript', 1_000, 6_000, script),
    // within its evaluation: not twice
    event('FunctionCall', 2_000, 1_000, script),
    event('FunctionCall', 8_000, 1_000, 'http://site.example/other.js'),
    event('RunTask', 20_000, 4_000),
    event('FunctionCall', 21_000, 2_000, script),
    // by a task in which it had no part
    event('RunTask', 30_000, 90_000),
    event('RunTask', 200_000, 80_000),
    event('FireIdleCallback', 200_000, 80_000),
    event('FunctionCall', 201_000, 3_000, script),
    { ...event('ResourceSendRequest', 202_000, 0, lazy), ph: 'I' },
    { ...event('ResourceSendRequest', 290_000, 0, script), ph: 'I' },
  ]
  t.same(readScriptTime(trace, script), { startMs: 4, idleMs: 1.5, longestTaskMs: 5, idleRequests: [lazy] })
})

t.test('what happens at the same time on another thread is not in it', async (t) => {
  const trace = [
    event('EvaluateScript', 1_000, 2_000, script),
    { ...event('RunTask', 0, 9_000), tid: 2 },
    { ...event('FireIdleCallback', 0, 9_000), tid: 2 },
  ]
  t.same(readScriptTime(trace, script), { startMs: 1, idleMs: 0, longestTaskMs: 0, idleRequests: [] })
})
