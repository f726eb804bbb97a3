// Draws a count over time as SVG: these days as a line, the days before dashed behind it.
import { svgElement } from './element.ts'
import { formatCount } from './format.ts'
import { say } from './messages.ts'
import type { Pair } from './pairs.ts'

type Look = {
  width: number
  what: string
  /** An interval by its name, and in fewer letters below the axis. */
  label: (start: string) => string
  tick: (start: string) => string
  /** Called with what the pointer is at, and with null when it leaves. */
  onRead: (pair: Pair | null) => void
}

const height = 220
const top = 10
const floor = height - 26
const left = 44
const right = 8

export function drawTrend(pairs: Pair[], { width, what, label, tick, onRead }: Look): SVGSVGElement {
  const highest = Math.max(...pairs.map(({ count, before }) => Math.max(count ?? 0, before ?? 0)))
  const most = roundUp(highest)
  const x = (index: number): number => left + (index / Math.max(pairs.length - 1, 1)) * (width - left - right)
  const y = (count: number): number => floor - (count / most) * (floor - top)
  const line = (read: (pair: Pair) => number | null, from = 0, to = pairs.length): string =>
    pairs
      .slice(from, to)
      .flatMap((pair, index) => {
        const count = read(pair)
        return count === null ? [] : `${x(from + index).toFixed(1)},${y(count).toFixed(1)}`
      })
      .join(' ')
  const open = pairs.findIndex(({ isOpen }) => isOpen)
  const sure = open < 0 ? pairs.length : open
  const marker = svgElement('line', { class: 'marker', y1: top, y2: floor, visibility: 'hidden' })

  const picture = svgElement(
    'svg',
    {
      class: 'picture trend',
      role: 'img',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'aria-label': describe(pairs, what, label),
    },
    ...[0, most / 2, most].flatMap((count) => [
      svgElement('line', { class: 'grid', x1: left, x2: width - right, y1: y(count), y2: y(count) }),
      text(left - 8, y(count) + 4, formatCount(count), 'end'),
    ]),
    ...labelled(pairs.length, width).map((index) =>
      text(x(index), height - 4, tick(pairs[index]!.start), anchorOf(index, pairs.length)),
    ),
    svgElement('polyline', { class: 'before', points: line(({ before }) => before) }),
    svgElement('polyline', { class: 'now', points: line(({ count }) => count, 0, sure) }),
    open > 0
      ? svgElement('polyline', { class: 'now unfinished', points: line(({ count }) => count, open - 1, open + 1) })
      : null,
    ...(pairs.length === 1
      ? [svgElement('circle', { class: 'now', cx: left, cy: y(pairs[0]!.count ?? 0), r: 3 })]
      : []),
    marker,
  )
  picture.addEventListener('pointermove', (event) => {
    const share = (event.clientX - picture.getBoundingClientRect().left - left) / (width - left - right)
    const index = Math.round(Math.min(1, Math.max(0, share)) * (pairs.length - 1))
    for (const name of ['x1', 'x2']) marker.setAttribute(name, x(index).toFixed(1))
    marker.setAttribute('visibility', 'visible')
    onRead(pairs[index] ?? null)
  })
  picture.addEventListener('pointerleave', () => {
    marker.setAttribute('visibility', 'hidden')
    onRead(null)
  })
  return picture
}

const roundSteps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10, 12]

/** The next round number whose half is a whole number too. */
function roundUp(count: number): number {
  if (count <= 2) return 2
  const size = 10 ** Math.floor(Math.log10(count))
  const isFit = (candidate: number): boolean => candidate >= count && candidate % 2 === 0
  return roundSteps.map((step) => Math.round(step * size)).find(isFit) ?? count
}

/** Which points are named below: the ends, and between them as many as have room. */
function labelled(count: number, width: number): number[] {
  if (count <= 1) return [0]
  const gaps = Math.max(1, Math.min(count - 1, Math.floor((width - left) / 150)))
  return [...new Set(Array.from({ length: gaps + 1 }, (_, gap) => Math.round((gap / gaps) * (count - 1))))]
}

const anchorOf = (index: number, count: number): 'start' | 'middle' | 'end' =>
  index === 0 ? 'start' : index === count - 1 ? 'end' : 'middle'

const text = (x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end') =>
  svgElement('text', { x, y, 'text-anchor': anchor }, words)

function describe(pairs: Pair[], what: string, label: (start: string) => string): string {
  const sum = (read: (pair: Pair) => number): number => pairs.reduce((total, pair) => total + read(pair), 0)
  const [first, last] = [pairs[0], pairs.at(-1)]
  if (!first || !last) return what
  const sentence = say('trendDescribed', {
    what,
    first: label(first.start),
    last: label(last.start),
    total: sum(({ count }) => count ?? 0),
    most: Math.max(...pairs.map(({ count }) => count ?? 0)),
  })
  return pairs.some(({ before }) => before !== null)
    ? sentence + say('trendBefore', { total: sum(({ before }) => before ?? 0) })
    : sentence
}
