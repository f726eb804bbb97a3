// A count over time, each interval beside the one of the days before.
import type { Point } from 'contract/analytics'
import type { EventType } from 'contract/events'

export type Pair = {
  start: string
  /** Null for what is still to come. */
  count: number | null
  /** Null where the days before are not held. */
  before: number | null
  /** It goes on beyond this moment: what was counted is not all. */
  isOpen: boolean
}

const lengthMs = { hour: 3_600_000, day: 86_400_000 }

/**
 * Sets each point beside the one of the days before: day beside day, and hour beside the same hour of the clock, since a
 * day may have 23 or 25 of them.
 */
export function pairUp(
  points: Point[],
  before: Point[] | null,
  { what, interval, nowMs }: { what: EventType; interval: 'day' | 'hour'; nowMs: number },
): Pair[] {
  const earlier = new Map(before && placesOf(before).map((place, index) => [place, before[index]![what]]))
  const places = placesOf(points)
  const starts = points.map(({ start }) => Date.parse(start))
  return points.map((point, index) => {
    const hasBegun = starts[index]! <= nowMs
    const endMs = starts[index + 1] ?? starts[index]! + lengthMs[interval]
    return {
      start: point.start,
      count: hasBegun ? point[what] : null,
      before: before ? (earlier.get(places[index]!) ?? null) : null,
      isOpen: hasBegun && endMs > nowMs,
    }
  })
}

/** The n-th day of the range, and what the clock showed there. */
function placesOf(points: Point[]): string[] {
  const days = [...new Set(points.map(({ start }) => start.slice(0, 10)))]
  return points.map(({ start }) => `${days.indexOf(start.slice(0, 10))} ${start.slice(11, 13)}`)
}
