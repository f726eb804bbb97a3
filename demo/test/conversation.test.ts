import fc from 'fast-check'
import t from 'tap'
import { answer, materials, questions, services } from '../src/conversation.ts'
import { estimate } from '../src/estimate.ts'

t.test('answers are understood, and the next thing missing is asked for', (t) => {
  t.match(answer({ asked: 'service', text: 'The roof leaks' }), {
    understood: { service: 'roof-repair' },
    next: 'size',
  })
  t.match(answer({ asked: 'service', text: 'A new roof' }), {
    understood: { service: 'roof-replacement' },
    next: 'size',
  })
  t.match(answer({ asked: 'service', text: 'New gutters' }), { understood: { service: 'gutters' }, next: 'size' })
  t.match(answer({ asked: 'size', text: 'about 2,400 sq ft' }), {
    understood: { square_feet: 2_400 },
    next: 'material',
  })
  t.match(answer({ asked: 'material', text: 'steel' }), { understood: { material: 'metal' }, next: null })
  t.end()
})

t.test('what is not understood is asked again', (t) => {
  t.match(answer({ asked: 'size', text: 'no idea' }), { understood: {}, next: 'size', text: /did not get that/ })
  t.match(answer({ asked: 'size', text: '7' }), { understood: {}, next: 'size' })
  t.end()
})

t.test('every suggestion is understood', (t) => {
  for (const asked of questions) {
    for (const text of answer({ asked, text: '?' }).suggestions) t.not(answer({ asked, text }).next, asked, text)
  }
  t.end()
})

t.test('an estimate grows with the roof and lies within its range', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...services),
      fc.constantFrom(...materials),
      fc.integer({ min: 100, max: 49_000 }),
      (service, material, square_feet) => {
        const { low, amount, high } = estimate({ service, material, square_feet })
        const larger = estimate({ service, material, square_feet: square_feet + 1_000 })
        return low <= amount && amount <= high && amount < larger.amount
      },
    ),
  )
  t.end()
})
