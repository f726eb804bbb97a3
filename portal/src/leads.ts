// Leads and quote requests, newest first: when, from where, and whether something failed; each leads to its visit.
import type { Common, Lead, Leads } from 'contract/analytics'
import { ask, patienceMs } from './analytics.ts'
import { type CsvRow, fileName, saveCsv } from './csv.ts'
import { element, setText } from './element.ts'
import { formatMoment } from './format.ts'
import { say } from './messages.ts'
import type { Place } from './place.ts'
import { traceSearch } from './trace-search.ts'
import { type Asked, type Go, type PageView, placeLink } from './view.ts'
import { describeLead } from './wording.ts'

/** A file holds at most this many pages of 50. */
const maxFilePages = 100

export function leadsView(go: Go): PageView {
  let first: (Leads & Common) | null = null
  let older: Lead[] = []
  let cursor: string | null = null
  let query: Record<string, string> = {}
  let place: Place | null = null
  let drawn = ''
  const count = element('p', { class: 'sentence' })
  const list = element('ol', { class: 'leads' })
  const more = element('button', { type: 'button' }, say('leadsMore'))
  const save = element('button', { type: 'button', class: 'plain' }, say('download'))
  const definition = element('p', { class: 'quiet' })
  const search = traceSearch((lead) => go({ view: 'journey', lead }))
  more.hidden = save.hidden = true

  more.addEventListener('click', () => busy(more, showMore))
  save.addEventListener('click', () => busy(save, saveAll))

  async function showMore(): Promise<void> {
    if (!cursor) return
    const page = await askPage(cursor)
    older = [...older, ...page.leads]
    cursor = page.next_cursor
    draw()
  }

  async function saveAll(): Promise<void> {
    if (!first) return
    const rows: Lead[] = []
    let next: string | null = ''
    for (let page = 0; next !== null && page < maxFilePages; page++) {
      const answer: Leads = await askPage(next)
      rows.push(...answer.leads)
      next = answer.next_cursor
    }
    saveCsv(fileName(first.tenant.name, say('leadsView'), first.from, first.to), rows.map(csvOf))
  }

  const askPage = (after: string): Promise<Leads> =>
    ask<Leads>('leads', { ...query, cursor: after || undefined }, AbortSignal.timeout(patienceMs))

  async function load({ place: asked, days, signal, shown }: Asked): Promise<void> {
    const next = { ...days, ...asked.filter }
    const answer = await ask<Leads & Common>('leads', next, signal)
    if (JSON.stringify(next) !== JSON.stringify(query) || older.length === 0) {
      older = []
      cursor = answer.next_cursor
    }
    query = next
    place = asked
    first = answer
    const faults = answer.with_errors > 0 ? say('faultsSome', { count: answer.with_errors }) : say('faultsNone')
    setText(count, answer.total === 0 ? say('leadsNone') : `${say('leadsCount', { count: answer.total })} ${faults}`)
    setText(definition, answer.definitions.leads ?? '')
    draw()
    shown(answer)
  }

  function draw(): void {
    if (!first || !place) return
    const newest = new Set(first.leads.map(({ event_id }) => event_id))
    const leads = [...first.leads, ...older.filter(({ event_id }) => !newest.has(event_id))]
    more.hidden = cursor === null
    save.hidden = leads.length === 0
    const wanted = JSON.stringify([leads, place])
    if (wanted === drawn) return
    drawn = wanted
    const { time_zone } = first.tenant
    const at = place
    list.replaceChildren(...leads.map((lead) => drawLead(lead, time_zone, at, go)))
  }

  return {
    title: say('leadsView'),
    node: element(
      'div',
      { class: 'view' },
      element('h2', {}, say('leadsTitle')),
      count,
      list,
      element('div', { class: 'row' }, more, save),
      search,
      definition,
    ),
    ranged: true,
    load,
    stop: () => {},
  }
}

function drawLead(lead: Lead, zone: string, place: Place, go: Go): HTMLElement {
  const { event_id, occurred_at, source, page, had_error } = lead
  const where = [source && say('from', { source }), page && say('onPage', { page })].filter(Boolean).join(' ')
  return element(
    'li',
    { class: had_error ? 'fault' : undefined },
    placeLink({ ...place, view: 'journey', lead: event_id }, go, describeLead(lead)),
    element('time', { datetime: occurred_at }, formatMoment(occurred_at, zone)),
    element('span', { class: 'quiet' }, where),
    had_error ? element('span', { class: 'mark' }, say('metFault')) : null,
  )
}

function csvOf({
  event_id,
  type,
  occurred_at,
  page,
  source,
  had_error,
  trace_id,
  session_id,
  properties,
}: Lead): CsvRow {
  const text = (name: string): string | null => (properties[name] === undefined ? null : String(properties[name]))
  return {
    event_id,
    type,
    occurred_at,
    page,
    source,
    contact: text('contact'),
    service: text('service'),
    amount: text('amount'),
    currency: text('currency'),
    had_error: String(had_error),
    trace_id,
    session_id,
  }
}

async function busy(button: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
  button.disabled = true
  // what did not come can be asked for again
  await act().catch(() => {})
  button.disabled = false
}
