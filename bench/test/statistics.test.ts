import t from 'tap'
import { median, medianRatio, percentile } from '../src/statistics.ts'

t.test('the median is the middle value, or lies between the two in the middle', async (t) => {
  t.equal(median([9, 1, 5]), 5)
  t.equal(median([10, 2, 4, 8]), 6)
})

t.test('a percentile is a value that occurred', async (t) => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i)
  t.equal(percentile(values, 0.5), 50)
  t.equal(percentile(values, 0.99), 99)
  t.equal(percentile(values, 1), 100)
  t.equal(percentile([7], 0.99), 7)
  t.equal(percentile([7, 8], 0), 7)
})

t.test('a round that was slow for both changes no ratio', async (t) => {
  t.equal(medianRatio([30, 3, 30], [10, 1, 10]), 3)
})
