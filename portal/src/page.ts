// The frame of the page: whose it is, where one may go, which days, how fresh it is, and what to do when nothing answers.
import type { Common } from 'contract/analytics'
import { Refused, SignedOut, Unreachable } from './analytics.ts'
import { element, setText } from './element.ts'
import { filterPicker } from './filter-picker.ts'
import { formatAge, formatClock, formatDays, formatZonedDay } from './format.ts'
import { installView } from './install.ts'
import { journeyView } from './journey.ts'
import { languagePicker } from './language-picker.ts'
import { leadsView } from './leads.ts'
import { keepFresh } from './live.ts'
import { say } from './messages.ts'
import { numbersView } from './numbers.ts'
import { type Place, readPlace, type View, writePlace } from './place.ts'
import { daysOf, defaultRange, todayIn } from './range.ts'
import { rangePicker } from './range-picker.ts'
import { loadSession } from './session.ts'
import { shareView } from './share.ts'
import { type Go, type PageView, placeLink } from './view.ts'

export type Page = { node: HTMLElement; stop: () => void }

const makers: Record<View, (go: Go, place: Place) => PageView> = {
  numbers: numbersView,
  leads: leadsView,
  journey: journeyView,
  install: installView,
  share: shareView,
}

export function page(leave: { onSignedOut: () => void; onSignOut: () => void }): Page {
  let place = readPlace(location.search)
  let view = makers[place.view](go, place)
  let session = loadSession()
  let shownAt: number | null = null
  let lostAt: number | null = null
  let waiting = true

  const name = element('h1')
  const when = element('p', { class: 'when' })
  const age = element('p', { class: 'age' })
  const trouble = element('p', { class: 'trouble', role: 'status' })
  const shared = element('p', { class: 'quiet shared' })
  const links = element('nav', { class: 'places', 'aria-label': say('views') })
  const signOutButton = element('button', { type: 'button', class: 'plain' }, say('signOut'))
  const picker = rangePicker((range) => go({ range }))
  const filters = filterPicker((filter) => go({ filter }))
  const choices = element('div', { class: 'choices' }, picker.node, filters.node)
  const main = element('main', { 'aria-busy': 'true' }, choices, trouble, view.node)
  shared.hidden = true

  async function load(signal: AbortSignal): Promise<void> {
    const asked = place
    const shows = view
    const days =
      asked.range === defaultRange || !shows.ranged ? null : daysOf(asked.range, todayIn(await zoneOf(), Date.now()))
    await shows.load({
      place: asked,
      days,
      session,
      signal,
      shown: (answer) => {
        if (!signal.aborted) show(asked, answer)
      },
    })
    if (!signal.aborted) main.setAttribute('aria-busy', 'false')
  }

  /** What fails here is told by the loading that waits for the same. */
  function greet(): void {
    session.then(showSession, () => {})
  }

  async function zoneOf(): Promise<string> {
    return (await session).tenant.time_zone
  }

  function show(asked: Place, { tenant, from, to }: Pick<Common, 'tenant' | 'from' | 'to'>): void {
    shownAt = Date.now()
    lostAt = null
    waiting = false
    setText(trouble, '')
    setText(name, tenant.name)
    document.title = `${tenant.name} · ${view.title}`
    const zone = say('zoneTime', { zone: tenant.time_zone.replaceAll('_', ' ') })
    setText(when, view.ranged ? `${formatDays({ from, to })} · ${zone}` : zone)
    if (view.ranged) {
      picker.show(asked.range, { from, to }, todayIn(tenant.time_zone, Date.now()))
      filters.show({ from, to })
    }
    tell()
  }

  function showSession({ tenant, shared_until }: Awaited<typeof session>): void {
    shared.hidden = shared_until === null
    if (shared_until) setText(shared, say('sharedUntil', { day: formatZonedDay(shared_until, tenant.time_zone) }))
    drawLinks(shared_until === null)
  }

  function drawLinks(all: boolean): void {
    const current = place.view === 'journey' ? 'leads' : place.view
    const wanted = `${current} ${all} ${writePlace(place)}`
    if (links.dataset.drawn === wanted) return
    links.dataset.drawn = wanted
    const words: [View, string][] = [['numbers', say('numbersView')]]
    if (all) {
      words.push(['leads', say('leadsView')], ['install', say('installView')], ['share', say('shareView')])
    }
    links.replaceChildren(
      ...words.map(([each, label]) =>
        placeLink(
          { ...place, view: each, lead: null },
          go,
          label,
          each === current ? { 'aria-current': 'page', 'data-view': each } : { 'data-view': each },
        ),
      ),
    )
  }

  function onTrouble(error: unknown): void {
    waiting = false
    if (error instanceof SignedOut) leave.onSignedOut()
    else if (error instanceof Unreachable) {
      // asked again with the next question
      if (shownAt === null) {
        session = loadSession()
        greet()
      }
      lostAt ??= Date.now()
      setText(trouble, shownAt === null ? say('gone') : say('goneSince', { time: formatClock(lostAt) }))
    } else setText(trouble, error instanceof Refused ? say('refusedQuestion') : say('broken'))
    tell()
  }

  function tell(): void {
    node.dataset.state = lostAt !== null ? 'unreachable' : waiting ? 'loading' : 'live'
    const text = waiting || shownAt === null ? say('loading') : say('updated', { age: formatAge(Date.now() - shownAt) })
    setText(age, text)
  }

  function go(to: Partial<Place>): void {
    const next = { ...place, ...to }
    history.pushState(null, '', location.pathname + writePlace(next))
    turnTo(next)
  }

  function turnTo(next: Place): void {
    const isElsewhere = next.view !== place.view || next.lead !== place.lead
    place = next
    waiting = true
    main.setAttribute('aria-busy', 'true')
    if (isElsewhere) enter()
    choices.hidden = !view.ranged
    picker.press(place.range)
    filters.press(place.filter)
    setText(trouble, '')
    tell()
    live.refresh()
  }

  function enter(): void {
    view.stop()
    const next = makers[place.view](go, place)
    view.node.replaceWith(next.node)
    view = next
    drawLinks(links.childElementCount > 1)
    window.scrollTo(0, 0)
    // whoever listens or types goes on from the top of what is new
    const title = view.node.querySelector('h2')
    if (!title) return
    title.tabIndex = -1
    title.focus({ preventScroll: true })
  }

  const onBack = () => turnTo(readPlace(location.search))
  signOutButton.addEventListener('click', leave.onSignOut)
  choices.hidden = !view.ranged
  filters.press(place.filter)
  const node = element(
    'div',
    { class: 'page', 'data-state': 'loading' },
    element(
      'header',
      {},
      element('div', {}, name, when),
      element('div', { class: 'corner' }, age, signOutButton),
      links,
      shared,
    ),
    main,
    element('footer', {}, element('p', {}, say('footer')), languagePicker()),
  )
  greet()
  window.addEventListener('popstate', onBack)
  const clock = window.setInterval(tell, 1_000)
  const live = keepFresh(load, onTrouble)
  live.refresh()

  return {
    node,
    stop() {
      live.stop()
      view.stop()
      clearInterval(clock)
      window.removeEventListener('popstate', onBack)
    },
  }
}
