// The funnel: what it says in a sentence, as a picture, and as a table.
import type { Funnel, Rate, Step } from 'contract/analytics'
import { element, setText } from './element.ts'
import { formatCount, formatInterval, formatRate, nothing } from './format.ts'
import { drawFunnel } from './funnel-picture.ts'
import { describeDrop, findBiggestDrop, stepNames } from './wording.ts'

export type FunnelView = { node: HTMLElement; show: (funnel: Funnel) => void; stop: () => void }

export function funnelView(): FunnelView {
  const sentence = element('p', { class: 'sentence' })
  const picture = element('div', { class: 'canvas' })
  const rows = element('tbody')
  const definition = element('p', { class: 'quiet' })
  const table = element(
    'details',
    {},
    element('summary', {}, 'The same as a table'),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Funnel as a table' },
      element(
        'table',
        {},
        element('caption', { class: 'unseen' }, 'Visits that reached each step'),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...['Step', 'Visits', 'Of the step before', 'Of all visits'].map((name) =>
              element('th', { scope: 'col' }, name),
            ),
          ),
        ),
        rows,
      ),
    ),
  )
  let steps: Step[] = []
  let drawn = ''

  function draw(): void {
    const width = Math.floor(picture.clientWidth)
    const wanted = `${width} ${JSON.stringify(steps)}`
    if (width === 0 || wanted === drawn) return
    drawn = wanted
    picture.replaceChildren(drawFunnel(steps, width, findBiggestDrop(steps)?.type ?? null))
    rows.replaceChildren(...steps.map(tableRow))
  }
  const sizes = new ResizeObserver(draw)
  sizes.observe(picture)

  return {
    node: element(
      'section',
      { class: 'funnel', 'aria-labelledby': 'funnel' },
      element('h2', { id: 'funnel' }, 'Where visitors stop'),
      sentence,
      picture,
      table,
      definition,
    ),
    show(funnel) {
      steps = funnel.steps
      setText(sentence, describeDrop(steps))
      setText(definition, funnel.definitions.steps ?? '')
      draw()
    },
    stop: () => sizes.disconnect(),
  }
}

function tableRow(step: Step): HTMLTableRowElement {
  return element(
    'tr',
    { 'data-step': step.type },
    element('th', { scope: 'row' }, stepNames[step.type]),
    element('td', {}, formatCount(step.sessions)),
    element('td', {}, ...rateCell(step.of_previous)),
    element('td', {}, ...rateCell(step.of_first)),
  )
}

function rateCell(rate: Rate | null): (string | HTMLElement)[] {
  if (!rate) return [nothing]
  const interval = formatInterval(rate)
  return [
    formatRate(rate),
    element('span', { class: 'basis' }, `${formatCount(rate.numerator)} of ${formatCount(rate.denominator)}`),
    ...(interval ? [element('span', { class: 'basis' }, interval)] : []),
  ]
}
