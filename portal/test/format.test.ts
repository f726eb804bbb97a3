import t from 'tap'
import { formatAge, formatAverage, formatCount, formatDays, formatInterval, formatRate } from '../src/format.ts'
import { rate } from './fixture.ts'

t.test('shares of few visits have no decimals but an interval', (t) => {
  t.equal(formatRate(rate(5, 14)), '36%')
  t.equal(formatInterval(rate(5, 14)), 'likely 16–61%')
  t.equal(formatRate(rate(758, 2_204)), '34.4%')
  t.equal(formatInterval(rate(758, 2_204)), null)
  t.end()
})

t.test('what nobody did yet is a dash, not a zero', (t) => {
  t.equal(formatRate(rate(0, 0)), '–')
  t.equal(formatInterval(rate(0, 0)), null)
  t.equal(formatAverage(null), '–')
  t.equal(formatRate(rate(0, 40)), '0%')
  t.end()
})

t.test('counts, averages, days and ages read as a person writes them', (t) => {
  t.equal(formatCount(1_234_567), '1,234,567')
  t.equal(formatAverage(3), '3.0')
  t.equal(formatDays({ from: '2026-10-25', to: '2026-11-23' }), 'Oct 25\u2009–\u2009Nov 23, 2026')
  t.equal(formatDays({ from: '2026-11-23', to: '2026-11-23' }), 'Nov 23, 2026')
  t.same([0, 2_400, 8_000, 61_000, 7_300_000].map(formatAge), [
    'just now',
    'just now',
    '8 s ago',
    '1 min ago',
    '2 h ago',
  ])
  t.end()
})
