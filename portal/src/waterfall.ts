// Draws one request and what the servers did for it, each as a bar where and as long as it was. The table beside says the same.
import { svgElement } from './element.ts'
import { formatWait } from './format.ts'
import { say } from './messages.ts'
import { nameService, nameSpan, outcomeOf } from './span-words.ts'
import type { Row } from './timeline.ts'

const rowHeight = 58
const barHeight = 8
const indent = 12
/** About as wide as a letter is here, in CSS pixels: names are cut to what has room, and stand whole in the table. */
const letter = 8
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
      const left = Math.min(depth * indent, width / 4)
      const name = cut(nameSpan(span), (width - left) / letter)
      const place = [nameService(span), failed && outcomeOf(span)].filter(Boolean).join(' · ')
      return [
        svgElement('text', { class: 'step', x: left, y: y + 14 }, name),
        svgElement('text', { class: failed ? 'failed' : 'where', x: left, y: y + 32 }, place),
        svgElement('text', { x: width, y: y + 32, 'text-anchor': 'end' }, formatWait(span.duration_ms)),
        svgElement('rect', { class: 'track', x: 0, y: y + 39, width, height: barHeight, rx: 2 }),
        svgElement('rect', {
          class: failed ? 'bar failed' : 'bar',
          x: Math.min((startMs - firstMs) * scale, width - length),
          y: y + 39,
          width: length,
          height: barHeight,
          rx: 2,
        }),
      ]
    }),
  )
}

const cut = (words: string, length: number): string =>
  words.length > length ? `${words.slice(0, Math.max(1, length - 1))}…` : words

const describe = (rows: Row[]): string =>
  rows
    .map(({ span }) => `${nameSpan(span)}, ${nameService(span)}, ${formatWait(span.duration_ms)}, ${outcomeOf(span)}`)
    .join('; ') || say('measurements')
