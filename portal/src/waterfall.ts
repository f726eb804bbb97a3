// Draws one request and what the servers did for it, each as a bar where and as long as it was. The table beside says the same.
import { svgElement } from './element.ts'
import { formatWait } from './format.ts'
import { say } from './messages.ts'
import { nameService, nameSpan, outcomeOf } from './span-words.ts'
import type { Row } from './timeline.ts'

const rowHeight = 40
const barHeight = 8
const indent = 12
/** As long as a bar must be to be seen, in CSS pixels. */
const minBar = 3

export function drawWaterfall(rows: Row[], width: number): SVGSVGElement {
  const firstMs = Math.min(...rows.map(({ startMs }) => startMs))
  const lastMs = Math.max(...rows.map(({ startMs, span }) => startMs + span.duration_ms))
  const scale = width / Math.max(lastMs - firstMs, 0.001)
  const height = rows.length * rowHeight
  return svgElement(
    'svg',
    {
      class: 'picture waterfall',
      role: 'img',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'aria-label': describe(rows),
    },
    ...rows.flatMap(({ span, startMs, depth }, index) => {
      const y = index * rowHeight
      const length = Math.min(width, Math.max(minBar, span.duration_ms * scale))
      const failed = span.status === 'error'
      const words = `${nameSpan(span)} · ${nameService(span)}${failed ? ` · ${outcomeOf(span)}` : ''}`
      return [
        svgElement('text', { class: failed ? 'failed' : 'step', x: depth * indent, y: y + 16 }, words),
        svgElement('text', { x: width, y: y + 16, 'text-anchor': 'end' }, formatWait(span.duration_ms)),
        svgElement('rect', { class: 'track', x: 0, y: y + 23, width, height: barHeight, rx: 2 }),
        svgElement('rect', {
          class: failed ? 'bar failed' : 'bar',
          x: Math.min((startMs - firstMs) * scale, width - length),
          y: y + 23,
          width: length,
          height: barHeight,
          rx: 2,
        }),
      ]
    }),
  )
}

const describe = (rows: Row[]): string =>
  rows
    .map(({ span }) => `${nameSpan(span)}, ${nameService(span)}, ${formatWait(span.duration_ms)}, ${outcomeOf(span)}`)
    .join('; ') || say('measurements')
