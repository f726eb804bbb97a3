// The funnel: what it says in a sentence, as a picture, and as a table.
import type { Funnel, Step } from 'contract/analytics'
import { element, setText } from './element.ts'
import { formatCount } from './format.ts'
import { drawFunnel } from './funnel-picture.ts'
import { say } from './messages.ts'
import { rateCell, rateCsv } from './rate-cell.ts'
import { tableView } from './table.ts'
import { describeDrop, findBiggestDrop, stepNames } from './wording.ts'

export type FunnelView = { node: HTMLElement; show: (funnel: Funnel) => void; stop: () => void }

export function funnelView(): FunnelView {
  const sentence = element('p', { class: 'sentence' })
  const picture = element('div', { class: 'canvas' })
  const definition = element('p', { class: 'quiet' })
  const table = tableView<Step>({
    name: say('reached'),
    folded: true,
    columns: [
      { name: say('step'), show: ({ type }) => stepNames[type] },
      { name: say('visits'), show: ({ sessions }) => formatCount(sessions) },
      { name: say('ofTheStepBefore'), show: ({ of_previous }) => rateCell(of_previous) },
      { name: say('ofAllVisits'), show: ({ of_first }) => rateCell(of_first) },
    ],
    csv: ({ type, sessions, of_previous, of_first }) => ({
      type,
      sessions,
      ...rateCsv('of_previous', of_previous),
      ...rateCsv('of_first', of_first),
    }),
  })
  let steps: Step[] = []
  let drawn = ''

  function draw(): void {
    const width = Math.floor(picture.clientWidth)
    const wanted = `${width} ${JSON.stringify(steps)}`
    if (width === 0 || wanted === drawn) return
    drawn = wanted
    picture.replaceChildren(drawFunnel(steps, width, findBiggestDrop(steps)?.type ?? null))
  }
  const sizes = new ResizeObserver(draw)
  sizes.observe(picture)

  return {
    node: element(
      'section',
      { class: 'part', 'aria-labelledby': 'funnel' },
      element('h2', { id: 'funnel' }, say('funnelTitle')),
      sentence,
      picture,
      table.node,
      definition,
    ),
    show(funnel) {
      steps = funnel.steps
      setText(sentence, describeDrop(steps))
      setText(definition, funnel.definitions.steps ?? '')
      table.show(steps, funnel)
      draw()
    },
    stop: () => sizes.disconnect(),
  }
}
