// One lead's visit: what happened, one thing after the other, and what browser and servers measured meanwhile.
import type { Journey, JourneyEvent } from 'contract/analytics'
import { sessionIdleMs } from 'contract/limits'
import { ask, Refused } from './analytics.ts'
import { copyButton } from './copy.ts'
import { element, setText } from './element.ts'
import { formatSecond, formatWait, formatZonedDay } from './format.ts'
import { type Key, say } from './messages.ts'
import type { Place } from './place.ts'
import { detailEvent, nameEvent, nameService, nameSpan, outcomeOf } from './span-words.ts'
import { tableView } from './table.ts'
import { arrange, type Item, type Row } from './timeline.ts'
import { type Asked, type Go, type PageView, placeLink } from './view.ts'
import { drawWaterfall } from './waterfall.ts'

const states: Record<Journey['traces'], Key> = {
  held: 'tracesHeld',
  expired: 'tracesExpired',
  unavailable: 'tracesUnavailable',
}

export function journeyView(go: Go, place: Place): PageView {
  let shownJourney: Journey | null = null
  let firstMs = 0
  let drawn = ''
  const visit = element('p', { class: 'sentence' })
  const state = element('p', { class: 'quiet' })
  const cut = element('p', { class: 'quiet' }, say('journeyTruncated'))
  const list = element('ol', { class: 'timeline' })
  const traceId = element('code')
  const trace = element(
    'p',
    { class: 'trace' },
    element('span', {}, say('traceNumber'), ' '),
    traceId,
    ' ',
    copyButton(() => traceId.textContent ?? ''),
    element('span', { class: 'quiet' }, say('traceHelp')),
  )
  const table = tableView<Row>({
    name: say('measurements'),
    folded: true,
    columns: [
      { name: say('what'), show: ({ span }) => nameSpan(span) },
      { name: say('place'), show: ({ span }) => nameService(span) },
      { name: say('starts'), show: ({ startMs }) => formatWait(Math.max(0, startMs - firstMs)) },
      { name: say('duration'), show: ({ span }) => formatWait(span.duration_ms) },
      { name: say('outcome'), show: ({ span }) => outcomeOf(span) },
    ],
    csv: ({ span: { attributes, ...span } }) => ({ ...span, ...flat(attributes) }),
  })
  cut.hidden = true
  trace.hidden = true
  table.node.hidden = true

  async function load({ signal, session, shown }: Asked): Promise<void> {
    const { tenant } = await session
    if (shownJourney && isOver(shownJourney)) return shown({ ...shownJourney })
    let journey: Journey
    try {
      journey = await ask<Journey>(`leads/${encodeURIComponent(place.lead ?? '')}/journey`, {}, signal)
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'not_found')) throw error
      setText(visit, say('journeyUnknown'))
      return shown({ tenant, from: '', to: '' })
    }
    shownJourney = journey
    show(journey)
    shown(journey)
  }

  function show(journey: Journey): void {
    const { events, spans } = journey
    const zone = journey.tenant.time_zone
    const [first, last] = [events[0], events.at(-1)]
    if (!first || !last) return
    firstMs = Date.parse(first.occurred_at)
    const times = { from: formatSecond(first.occurred_at, zone), to: formatSecond(last.occurred_at, zone) }
    const day = formatZonedDay(first.occurred_at, zone)
    setText(visit, `${say('visitOn', { day, ...times })} · ${say('journeyLength', { count: events.length })}`)
    setText(state, say(states[journey.traces]))
    cut.hidden = !journey.truncated
    const lead = events.find(({ id }) => id === place.lead)
    trace.hidden = !lead?.trace_id
    setText(traceId, lead?.trace_id ?? '')
    const wanted = `${list.clientWidth} ${JSON.stringify([events, spans])}`
    if (wanted === drawn) return
    drawn = wanted
    const items = arrange(events, spans)
    list.replaceChildren(...items.map((item) => drawItem(item, zone, place.lead)))
    const rows = items.flatMap((item) => ('rows' in item ? item.rows : []))
    table.node.hidden = rows.length === 0
    table.show(rows, journey)
    drawPictures()
  }

  /** Pictures are as wide as their place, which is known once they stand in it. */
  function drawPictures(): void {
    for (const place of list.querySelectorAll<HTMLElement>('.canvas')) {
      const rows = pictures.get(place)
      const width = Math.floor(place.clientWidth)
      if (rows && width > 0) place.replaceChildren(drawWaterfall(rows, width))
    }
  }
  const sizes = new ResizeObserver(drawPictures)
  sizes.observe(list)

  const pictures = new WeakMap<HTMLElement, Row[]>()
  function drawItem(item: Item, zone: string, leadId: string | null): HTMLElement {
    const time = element('time', {}, formatSecond(new Date(item.atMs).toISOString(), zone))
    if ('rows' in item) {
      const canvas = element('div', { class: 'canvas' })
      pictures.set(canvas, item.rows)
      const failed = item.rows.some(({ span }) => span.status === 'error')
      return element('li', { class: failed ? 'request failed' : 'request' }, time, canvas)
    }
    const { event, durationMs, failed } = item
    const classes = ['event', failed && 'failed', event.id === leadId && 'lead'].filter(Boolean).join(' ')
    return element(
      'li',
      { class: classes },
      time,
      element('span', { class: 'name' }, nameEvent(event)),
      element('span', { class: 'quiet' }, detailEvent(event, durationMs)),
    )
  }

  return {
    title: say('journeyTitle'),
    node: element(
      'div',
      { class: 'view' },
      element('p', {}, placeLink({ ...place, view: 'leads', lead: null }, go, say('backToLeads'))),
      element('h2', {}, say('journeyTitle')),
      visit,
      state,
      cut,
      list,
      table.node,
      trace,
    ),
    ranged: false,
    load,
    stop: () => sizes.disconnect(),
  }
}

/** A visit that has been still for as long as one lasts does not change any more. */
const isOver = ({ events }: Journey): boolean => {
  const last: JourneyEvent | undefined = events.at(-1)
  return last !== undefined && Date.now() - Date.parse(last.occurred_at) > sessionIdleMs
}

const flat = (attributes: Record<string, unknown>): Record<string, string> => ({
  attributes: Object.entries(attributes)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('; '),
})
