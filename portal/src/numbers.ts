// The numbers of some days: what happened, whether it is better or worse, where visitors stop, who met a fault.
import type { Funnel, Leads, Summary } from 'contract/analytics'
import { ask } from './analytics.ts'
import { breakdownView } from './breakdown.ts'
import { element, setText } from './element.ts'
import { formatDays } from './format.ts'
import { funnelView } from './funnel.ts'
import { say } from './messages.ts'
import { nothingView } from './nothing.ts'
import { performanceView } from './performance.ts'
import type { Place } from './place.ts'
import { addDays, countDays, todayIn } from './range.ts'
import { tilesView } from './tiles.ts'
import { trendView } from './trend.ts'
import { type Asked, type Go, type PageView, placeLink } from './view.ts'
import { describeLeads } from './wording.ts'

/** What stands below is asked for again after this long: it changes slowly, and still shows an event within 30 s. */
const restMs = 16_000

export function numbersView(go: Go): PageView {
  let rest = { asked: '', atMs: 0 }
  const lede = element('p', { class: 'lede' })
  const faults = element('p', { class: 'faults' })
  const tiles = tilesView()
  const compared = element('p', { class: 'quiet' })
  const funnel = funnelView()
  const trend = trendView()
  const performance = performanceView()
  const breakdown = breakdownView(go)
  const nothing = nothingView()
  const numbers = element(
    'div',
    { class: 'numbers' },
    lede,
    faults,
    tiles.node,
    compared,
    funnel.node,
    trend.node,
    performance.node,
    breakdown.node,
  )
  numbers.hidden = true
  nothing.node.hidden = true

  async function load({ place, days, session, signal, shown }: Asked): Promise<void> {
    const query = { ...days, ...place.filter }
    const [summary, steps] = await Promise.all([
      ask<Summary>('summary', query, signal),
      ask<Funnel>('funnel', query, signal),
    ])
    show(summary, steps)
    const someone = summary.widget_views > 0 || summary.sessions > 0
    nothing.node.hidden = someone
    numbers.hidden = !someone
    shown(summary)
    const { shared_until } = await session
    if (!someone) return nothing.load(place, shared_until === null, signal)
    const asked = JSON.stringify(query)
    if (rest.asked === asked && Date.now() - rest.atMs < restMs) return
    await Promise.all([
      trend.load(summary, place.filter, signal).then(({ points, hourly }) => tiles.draw(points, hourly)),
      performance.load(query, signal),
      breakdown.load(place, query, signal),
      shared_until === null
        ? ask<Leads>('leads', query, signal).then((leads) => showFaults(leads, place))
        : faults.replaceChildren(),
    ])
    rest = { asked, atMs: Date.now() }
  }

  function show(summary: Summary, steps: Funnel): void {
    const { tenant, from, to } = summary
    const days = countDays({ from, to })
    const span = { days, unfinished: to >= todayIn(tenant.time_zone, Date.now()) }
    setText(lede, describeLeads(summary, span))
    tiles.show(summary, span)
    funnel.show(steps)
    const before = { from: addDays(from, -days), to: addDays(from, -1) }
    setText(compared, summary.previous ? say('changesAgainst', { days: formatDays(before) }) : say('noComparison'))
  }

  function showFaults({ total, with_errors }: Leads, place: Place): void {
    const words = with_errors > 0 ? say('faultsSome', { count: with_errors }) : total > 0 ? say('faultsNone') : ''
    if (faults.dataset.said === `${words} ${place.range.preset?.id}`) return
    faults.dataset.said = `${words} ${place.range.preset?.id}`
    faults.classList.toggle('some', with_errors > 0)
    faults.replaceChildren(
      words,
      ...(with_errors > 0 ? [' ', placeLink({ ...place, view: 'leads' }, go, say('faultsWhich'))] : []),
    )
  }

  return {
    title: say('pageTitle'),
    node: element('div', {}, element('h2', { class: 'unseen' }, say('numbersView')), nothing.node, numbers),
    ranged: true,
    load,
    stop() {
      funnel.stop()
      trend.stop()
    },
  }
}
