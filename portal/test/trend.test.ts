import type { Point } from 'contract/analytics'
import fc from 'fast-check'
import t from 'tap'
import { pairUp } from '../src/pairs.ts'

const later = Date.parse('2027-01-01T00:00:00Z')
const pairsOf = (points: Point[], before: Point[] | null, interval: 'day' | 'hour' = 'day', nowMs = later) =>
  pairUp(points, before, { what: 'widget_loaded', interval, nowMs })

const point = (start: string, widget_loaded: number): Point => ({
  start,
  widget_loaded,
  widget_opened: 0,
  message_sent: 0,
  estimate_generated: 0,
  lead_captured: 0,
  quote_requested: 0,
  widget_error: 0,
})
const hours = (day: string, zones: [string, number][], base: number): Point[] =>
  zones.flatMap(([offset, until], index) => {
    const first = index === 0 ? 0 : zones[index - 1]![1] - 1
    return Array.from({ length: until - first }, (_, i) =>
      point(`${day}T${String(first + i).padStart(2, '0')}:00:00${offset}`, base + first + i),
    )
  })

t.test('each day stands beside the day before the range began, in order', (t) => {
  const now = [point('2026-11-03T00:00:00-05:00', 5), point('2026-11-04T00:00:00-05:00', 6)]
  const before = [point('2026-11-01T00:00:00-04:00', 1), point('2026-11-02T00:00:00-05:00', 2)]
  t.strictSame(
    pairsOf(now, before).map(({ count, before }) => [count, before]),
    [
      [5, 1],
      [6, 2],
    ],
  )
  t.strictSame(pairsOf(now, null)[0]?.before, null)
  t.end()
})

t.test('an hour stands beside the same hour of the clock, when the day before had 25', (t) => {
  const long = hours(
    '2026-11-01',
    [
      ['-04:00', 2],
      ['-05:00', 24],
    ],
    100,
  )
  t.equal(long.length, 25)
  const short = hours('2026-11-02', [['-05:00', 24]], 0)
  const pairs = pairsOf(short, long, 'hour')
  t.strictSame(
    pairs.map(({ count, before }) => (before ?? 0) - (count ?? 0)),
    Array.from({ length: 24 }, () => 100),
  )
  t.end()
})

t.test('what is still to come is not a count of nothing, and what goes on is not all', (t) => {
  const day = hours('2026-11-02', [['-05:00', 24]], 0)
  const pairs = pairsOf(day, null, 'hour', Date.parse('2026-11-02T10:30:00-05:00'))
  t.strictSame(
    pairs.map(({ count }) => count),
    day.map(({ widget_loaded }, hour) => (hour <= 10 ? widget_loaded : null)),
  )
  t.strictSame(
    pairs.flatMap(({ isOpen }, hour) => (isOpen ? hour : [])),
    [10],
  )
  t.end()
})

t.test('every count is kept, whatever the days before are', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 90 }), fc.array(fc.nat(1_000)), (now, before) => {
      const at = (index: number): string =>
        new Date(Date.UTC(2026, 0, 1 + index)).toISOString().replace('.000Z', '+00:00')
      const make = (counts: number[]): Point[] => counts.map((count, index) => point(at(index), count))
      const pairs = pairsOf(make(now), make(before))
      return pairs.every(
        ({ count, before: earlier }, index) => count === now[index] && earlier === (before[index] ?? null),
      )
    }),
  )
  t.end()
})
