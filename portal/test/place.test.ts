import t from 'tap'
import { type Place, readPlace, start, writePlace } from '../src/place.ts'
import { presets } from '../src/range.ts'

t.test('every place comes back from the address it was written to', (t) => {
  const places: Place[] = [
    start,
    { view: 'leads', range: { preset: presets[3] }, filter: { device: 'phone' }, lead: null },
    { view: 'numbers', range: start.range, filter: { page: '/a?b=c&d#e', source: 'bing.com' }, lead: null },
    { view: 'journey', range: start.range, filter: {}, lead: '019abc12-0000-7000-8000-000000000000' },
  ]
  for (const place of places) t.strictSame(readPlace(writePlace(place)), place)
  t.equal(writePlace(start), '', 'the start leaves the address clean')
  t.end()
})

t.test('an address nobody made leads somewhere', (t) => {
  t.strictSame(readPlace('?view=admin'), start)
  t.equal(readPlace('?view=journey').view, 'leads', 'a journey needs a lead')
  t.strictSame(readPlace(`?device=${'x'.repeat(300)}&page=`).filter, {})
  t.end()
})
