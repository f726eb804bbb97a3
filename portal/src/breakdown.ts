// The numbers per device, source or page; a press on one shows only that.
import type { Breakdown, Common } from 'contract/analytics'
import { ask, patienceMs } from './analytics.ts'
import { element } from './element.ts'
import { formatCount } from './format.ts'
import { type Key, say } from './messages.ts'
import { type Dimension, dimensions, type Place } from './place.ts'
import { rateCell, rateCsv } from './rate-cell.ts'
import { tableView } from './table.ts'
import type { Go } from './view.ts'
import { dimensionNames, nameOf } from './wording.ts'

type Row = Breakdown['breakdown'][number]

export type BreakdownView = {
  node: HTMLElement
  load: (place: Place, query: Record<string, string>, signal: AbortSignal) => Promise<void>
}

const tabs: Record<Dimension, Key> = { device: 'byDevice', source: 'bySource', page: 'byPage' }

export function breakdownView(go: Go): BreakdownView {
  let by: Dimension = 'source'
  let again: () => Promise<void> = async () => {}
  /** The newest question wins. */
  let turn = 0
  let place: Place | null = null
  const buttons = dimensions.map((dimension) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(dimension === by) }, say(tabs[dimension]))
    button.addEventListener('click', () => {
      by = dimension
      for (const each of buttons) each.button.setAttribute('aria-pressed', String(each.dimension === by))
      void again().catch(() => {})
    })
    return { dimension, button }
  })
  const whole = element('p', { class: 'quiet' }, say('breakdownAll'))
  const frame = element('div')
  const tables = Object.fromEntries(dimensions.map((dimension) => [dimension, makeTable(dimension)])) as Record<
    Dimension,
    ReturnType<typeof makeTable>
  >

  function makeTable(dimension: Dimension) {
    return tableView<Row>({
      name: say(tabs[dimension]),
      columns: [
        { name: say(dimensionNames[dimension]), show: (row) => nameCell(dimension, row) },
        { name: say('visits'), show: ({ sessions }) => formatCount(sessions) },
        { name: say('ofOpened'), show: ({ engagement_rate }) => rateCell(engagement_rate) },
        { name: say('ofLeads'), show: ({ lead_capture_rate }) => rateCell(lead_capture_rate) },
      ],
      csv: ({ value, widget_views, sessions, ...rates }) => ({
        [dimension]: value,
        widget_views,
        sessions,
        ...rateCsv('engagement_rate', rates.engagement_rate),
        ...rateCsv('estimate_conversion_rate', rates.estimate_conversion_rate),
        ...rateCsv('lead_capture_rate', rates.lead_capture_rate),
        ...rateCsv('quote_request_rate', rates.quote_request_rate),
        messages: rates.average_conversation_length.numerator,
        conversations: rates.average_conversation_length.denominator,
      }),
    })
  }

  /** Visits that did not say cannot be asked for. */
  function nameCell(dimension: Dimension, { value }: Row): HTMLElement | string {
    const name = nameOf(dimension, value)
    if (value === null) return name
    const button = element(
      'button',
      { type: 'button', class: 'plain narrow', 'aria-label': say('narrow', { value: name }) },
      name,
    )
    button.addEventListener('click', () => go({ filter: { ...place?.filter, [dimension]: value } }))
    return button
  }

  async function load(shown: Place, query: Record<string, string>, signal: AbortSignal): Promise<void> {
    place = shown
    // the frame gives its own question up with the next one, and so would this
    again = () => load(shown, query, AbortSignal.timeout(patienceMs))
    const asked = by
    const mine = ++turn
    const days = { from: query.from, to: query.to }
    const answer = await ask<Breakdown & Common>('breakdown', { by: asked, ...days }, signal)
    if (mine !== turn) return
    tables[asked].show(answer.breakdown, answer)
    if (frame.firstChild !== tables[asked].node) frame.replaceChildren(tables[asked].node)
    whole.hidden = Object.keys(shown.filter).length === 0
  }

  return {
    node: element(
      'section',
      { class: 'part', 'aria-labelledby': 'breakdown' },
      element('h2', { id: 'breakdown' }, say('breakdownTitle')),
      element(
        'div',
        { class: 'presets', role: 'group', 'aria-label': say('dimension') },
        ...buttons.map(({ button }) => button),
      ),
      whole,
      frame,
    ),
    load,
  }
}
