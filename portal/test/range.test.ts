import t from 'tap'
import { countDays, daysOf, defaultRange, findFault, presets, readRange, todayIn, writeRange } from '../src/range.ts'

t.test('every range comes back from the address it was written to', (t) => {
  for (const range of [
    ...presets.map((preset) => ({ preset })),
    { preset: null, days: { from: '2026-02-01', to: '2026-02-28' } },
  ]) {
    t.same(readRange(writeRange(range)), range)
  }
  t.equal(writeRange(defaultRange), '', 'the default leaves the address clean')
  t.end()
})

t.test('an address nobody made shows the default', (t) => {
  for (const query of [
    '?range=10y',
    '?from=2026-02-30&to=2026-03-01',
    '?from=2026-03-02&to=2026-03-01',
    '?to=2026-03-01',
  ]) {
    t.same(readRange(query), defaultRange, query)
  }
  t.end()
})

t.test('presets end today and count it', (t) => {
  for (const preset of presets) {
    const days = daysOf({ preset }, '2026-03-10')
    t.equal(days.to, '2026-03-10')
    t.equal(countDays(days), preset.days)
  }
  t.end()
})

t.test('today is the tenant’s, not the reader’s', (t) => {
  const instant = Date.parse('2026-11-23T03:30:00Z')
  t.equal(todayIn('America/Denver', instant), '2026-11-22')
  t.equal(todayIn('Europe/Berlin', instant), '2026-11-23')
  t.end()
})

t.test('days that cannot be shown are explained', (t) => {
  t.equal(findFault({ from: '2026-01-01', to: '2026-03-31' }), null)
  t.match(findFault({ from: '2026-01-01', to: '2026-04-01' }), /At most 90 days/)
  t.match(findFault({ from: '2026-01-02', to: '2026-01-01' }), /must not be after/)
  t.match(findFault({ from: '', to: '2026-01-01' }), /Choose a first/)
  t.end()
})
