// A line no larger than a word: the shape of a count over time. Exact numbers stand in the trend's table.
import { svgElement } from './element.ts'

const width = 88
const height = 28
/** Room for the dot at the end. */
const margin = 3

export function drawSparkline(counts: number[]): SVGSVGElement {
  const most = Math.max(...counts, 1)
  const at = (count: number, index: number): [number, number] => [
    margin + (index / Math.max(counts.length - 1, 1)) * (width - 2 * margin),
    height - margin - (count / most) * (height - 2 * margin),
  ]
  const points = counts.map((count, index) => at(count, index))
  const [x = 0, y = 0] = points.at(-1) ?? []
  return svgElement(
    'svg',
    { class: 'sparkline', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    svgElement('polyline', { points: points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(' ') }),
    svgElement('circle', { cx: x.toFixed(1), cy: y.toFixed(1), r: 2 }),
  )
}
