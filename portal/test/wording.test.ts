import type { Step } from 'contract/analytics'
import fc from 'fast-check'
import t from 'tap'
import { compareAverages, compareCounts, compareRates, describeDrop, findBiggestDrop } from '../src/wording.ts'
import { busy, numbersOf, quiet, rate } from './fixture.ts'

const stepsOf = ({ steps }: ReturnType<typeof busy>): Step[] =>
  steps.map(([type, sessions], index) => ({
    type,
    sessions,
    of_first: rate(sessions, steps[0]?.[1] ?? 0),
    of_previous: index === 0 ? null : rate(sessions, steps[index - 1]?.[1] ?? 0),
  }))

t.test('counts are called different only when chance does not explain it', (t) => {
  t.same(compareCounts(118, 100, 30, false), { direction: 'same', text: 'about the same as before (100)' })
  t.same(compareCounts(1_180, 1_000, 30, false), { direction: 'up', text: 'up 18% from 1,000' })
  t.same(compareCounts(820, 1_000, 30, false), { direction: 'down', text: 'down 18% from 1,000' })
  t.same(compareCounts(12, 0, 30, false), { direction: 'up', text: 'up from none' })
  t.same(compareCounts(0, 0, 30, false), { direction: 'same', text: 'about the same as before (0)' })
  t.end()
})

t.test('a day that is not over can be ahead of the day before, never behind', (t) => {
  t.same(compareCounts(3, 400, 1, true), { direction: 'none', text: '400 in all of the day before' })
  t.same(compareCounts(600, 400, 1, true), { direction: 'up', text: 'up 50% from 400' })
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.nat(100_000),
      (now, before) => compareCounts(now, before, 1, true).direction !== 'down',
    ),
  )
  t.end()
})

t.test('a week that is not over is behind only when its finished days are', (t) => {
  t.equal(compareCounts(620, 700, 7, true).direction, 'same')
  t.equal(compareCounts(620, 700, 7, false).direction, 'down')
  t.equal(compareCounts(500, 700, 7, true).direction, 'down')
  t.end()
})

t.test('rates whose intervals overlap are about the same', (t) => {
  t.same(compareRates(rate(6, 14), rate(3, 11)), { direction: 'same', text: 'about the same as before (27%)' })
  t.same(compareRates(rate(758, 2204), rate(540, 1894)), { direction: 'up', text: 'up from 28.5%' })
  t.same(compareRates(rate(540, 1894), rate(758, 2204)), { direction: 'down', text: 'down from 34.4%' })
  t.same(compareRates(rate(1, 4), rate(0, 0)), { direction: 'none', text: 'nothing before to compare with' })
  t.end()
})

t.test('average lengths of few conversations are about the same', (t) => {
  const average = (messages: number, conversations: number) =>
    numbersOf(0, [0, 0, conversations, 0, 0, 0], messages).average_conversation_length
  t.same(compareAverages(average(38, 12), average(26, 9)), {
    direction: 'same',
    text: 'about the same as before (2.9)',
  })
  t.same(compareAverages(average(5_000, 1_000), average(4_000, 1_000)), { direction: 'up', text: 'up from 4.0' })
  t.same(compareAverages(average(4_000, 1_000), average(5_000, 1_000)), { direction: 'down', text: 'down from 5.0' })
  t.same(compareAverages(average(0, 0), average(9, 3)).direction, 'none')
  t.end()
})

t.test('the biggest drop is the step that loses the largest share', (t) => {
  t.same(findBiggestDrop(stepsOf(busy())), { type: 'widget_opened', lost: 1_446, reached: 2_204 })
  t.same(findBiggestDrop(stepsOf(busy()).slice(2)), { type: 'lead_captured', lost: 241, reached: 412 })
  t.equal(
    describeDrop(stepsOf(busy())),
    'The biggest drop comes before opening the widget: 1,446 of 2,204 visits stop there (66%). ' +
      'After that, most are lost before leaving contact details: 241 of 412 visits stop there (58%).',
  )
  t.end()
})

t.test('steps reached by a handful of visits are not judged', (t) => {
  const steps = stepsOf(quiet())
  t.same(findBiggestDrop(steps), { type: 'widget_opened', lost: 22, reached: 36 })
  t.same(findBiggestDrop(steps.slice(4)), null)
  t.equal(describeDrop(steps.slice(4)), 'Too few visits so far to say where visitors stop.')
  t.end()
})

t.test('no drop is named where nobody is lost', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 10_000 }), (sessions) => {
      const steps = stepsOf({ ...busy(), steps: busy().steps.map(([type]) => [type, sessions]) })
      return findBiggestDrop(steps) === null
    }),
  )
  t.end()
})
