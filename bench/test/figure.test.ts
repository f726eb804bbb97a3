import t from 'tap'
import { type Figure, formatTable, meets } from '../src/figure.ts'

const figure = (more: Partial<Figure>): Figure => ({ what: 'speed', value: 2, unit: 'x', ...more })

t.test('a budget is met up to its very value, and never by what could not be measured', async (t) => {
  const judged = [
    figure({}),
    figure({ budget: { least: 2 } }),
    figure({ budget: { least: 2.1 } }),
    figure({ budget: { most: 2 } }),
    figure({ budget: { most: 1.9 } }),
    figure({ value: Number.NaN, budget: { most: 1 } }),
    figure({ value: Number.NaN, budget: { least: 1 } }),
  ].map(meets)
  t.same(judged, [true, true, false, true, false, false, false])
})

t.test('the table tells verdict, figure, budget and absolutes in columns', async (t) => {
  const table = formatTable([
    figure({ budget: { least: 1.5 }, beside: '50k v 25k' }),
    figure({ what: 'size', value: 21.983, unit: 'KB', budget: { most: 20.5 } }),
    figure({ what: 'disk', value: 1305.84, unit: 'B' }),
  ])
  t.same(table.split('\n'), [
    'ok      speed    2.00x  ≥ 1.5x     50k v 25k',
    'MISSED  size   22.0 KB  ≤ 20.5 KB',
    '        disk   1,306 B',
  ])
})
