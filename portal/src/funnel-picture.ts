// Draws the funnel as SVG: columns where there is room, rows on a phone. The table beside it says the same.
import type { Step } from 'contract/analytics'
import { svgElement } from './element.ts'
import { formatCount, formatRate, nothing } from './format.ts'
import { say } from './messages.ts'
import { stepNames } from './wording.ts'

/** Narrower than this, in CSS pixels, the steps become rows. */
const rowsBelow = 820

type Bar = { step: Step; share: number }

/** The picture at exactly this width in CSS pixels, so that its text keeps its size. */
export function drawFunnel(steps: Step[], width: number, weakest: string | null): SVGSVGElement {
  const first = steps[0]?.sessions ?? 0
  const bars = steps.map((step) => ({ step, share: first > 0 ? step.sessions / first : 0 }))
  const picture = svgElement('svg', { class: 'picture', role: 'img', width, 'aria-label': describe(steps) })
  const height =
    width < rowsBelow ? drawRows(picture, bars, width, weakest) : drawColumns(picture, bars, width, weakest)
  picture.setAttribute('height', String(height))
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`)
  return picture
}

function drawColumns(picture: SVGSVGElement, bars: Bar[], width: number, weakest: string | null): number {
  const top = 34
  const depth = 210
  const floor = top + depth
  const barWidth = width * 0.115
  // the last label may be wider than its bar
  const pitch = (width - Math.max(barWidth, 130)) / (bars.length - 1)
  bars.forEach(({ step, share }, index) => {
    const left = index * pitch
    const y = floor - barLength(share, depth)
    const next = bars[index + 1]
    if (next) {
      const nextY = floor - barLength(next.share, depth)
      const points = [left + barWidth, y, left + pitch, nextY, left + pitch, floor, left + barWidth, floor].join(' ')
      const middle = left + (barWidth + pitch) / 2
      const mark = next.step.type === weakest ? ' weakest' : ''
      picture.append(
        svgElement('polygon', { class: `slope${mark}`, points }),
        text(`of-previous${mark}`, middle, floor - 26, ofPrevious(next.step), 'middle'),
        text(`of-previous${mark}`, middle, floor - 9, say('goOn'), 'middle'),
      )
    }
    picture.append(
      svgElement('rect', { class: 'bar', x: left, y, width: barWidth, height: floor - y, rx: 2 }),
      text('count', left, y - 9, formatCount(step.sessions)),
      text('step', left, floor + 24, stepNames[step.type]),
      text('of-first', left, floor + 43, index === 0 ? say('allVisits') : ofFirst(step)),
    )
  })
  return floor + 54
}

function drawRows(picture: SVGSVGElement, bars: Bar[], width: number, weakest: string | null): number {
  const thickness = 16
  let y = 0
  bars.forEach(({ step, share }, index) => {
    picture.append(
      text('step', 0, y + 16, stepNames[step.type]),
      text('count', width, y + 16, formatCount(step.sessions), 'end'),
      svgElement('rect', { class: 'track', x: 0, y: y + 25, width, height: thickness, rx: 2 }),
      svgElement('rect', { class: 'bar', x: 0, y: y + 25, width: barLength(share, width), height: thickness, rx: 2 }),
    )
    if (index > 0) {
      const mark = step.type === weakest ? ' weakest' : ''
      picture.append(
        text(`of-previous${mark}`, 0, y + 59, say('ofStepBefore', { share: ofPrevious(step) })),
        text('of-first', width, y + 59, ofFirst(step), 'end'),
      )
    }
    y += index > 0 ? 82 : 60
  })
  return y - 12
}

/** A step that anyone reached stays visible. */
function barLength(share: number, full: number): number {
  return share > 0 ? Math.max(2, share * full) : 0
}

function text(className: string, x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end' = 'start') {
  return svgElement('text', { class: className, x, y, 'text-anchor': anchor }, words)
}

const ofPrevious = (step: Step): string => (step.of_previous ? formatRate(step.of_previous) : nothing)
const ofFirst = (step: Step): string => (step.of_first ? say('ofAll', { share: formatRate(step.of_first) }) : nothing)

function describe(steps: Step[]): string {
  const parts = steps.map((step, index) => {
    const named = { step: stepNames[step.type], count: step.sessions }
    return index === 0 ? say('stepDescribed', named) : say('nextDescribed', { ...named, share: ofPrevious(step) })
  })
  return say('funnelDescribed', { steps: parts.join('; ') })
}
