// The tenant's page: asks for the numbers, shows them, keeps them fresh and says how old they are.
import type { Funnel, Summary } from 'contract/analytics'
import { loadNumbers, Refused, SignedOut, Unreachable } from './analytics.ts'
import { element, setText } from './element.ts'
import { formatAge, formatClock, formatDays } from './format.ts'
import { funnelView } from './funnel.ts'
import { keepFresh } from './live.ts'
import { addDays, countDays, daysOf, defaultRange, type Range, readRange, todayIn, writeRange } from './range.ts'
import { rangePicker } from './range-picker.ts'
import { tilesView } from './tiles.ts'

export type Dashboard = { node: HTMLElement; stop: () => void }

export function dashboard(leave: { onSignedOut: () => void; onSignOut: () => void }): Dashboard {
  let range = readRange(location.search)
  let zone: string | null = null
  let shownAt: number | null = null
  let lostAt: number | null = null
  let waiting = true

  const name = element('h1')
  const when = element('p', { class: 'when' })
  const age = element('p', { class: 'age' })
  const trouble = element('p', { class: 'trouble', role: 'status' })
  const signOutButton = element('button', { type: 'button', class: 'plain' }, 'Sign out')
  const picker = rangePicker(choose)
  const tiles = tilesView()
  const funnel = funnelView()
  const compared = element('p', { class: 'quiet' })
  const empty = emptyState()
  const numbers = element('div', { class: 'numbers' }, tiles.node, compared, funnel.node)
  numbers.hidden = true
  empty.hidden = true

  /** Which day it is for the tenant is known from the first answer on; the default range needs no days. */
  async function load(signal: AbortSignal): Promise<void> {
    const asked = range
    let answer = await loadNumbers(
      zone ? daysOf(asked, todayIn(zone, Date.now())) : asked.preset ? null : asked.days,
      signal,
    )
    if (!zone && asked.preset && asked !== defaultRange) {
      const today = answer.summary.to
      if (asked.preset.days !== countDays(answer.summary)) answer = await loadNumbers(daysOf(asked, today), signal)
    }
    zone = answer.summary.tenant.time_zone
    show(asked, answer.summary, answer.funnel)
  }

  function show(asked: Range, summary: Summary, steps: Funnel): void {
    const { tenant, from, to } = summary
    const today = todayIn(tenant.time_zone, Date.now())
    const days = countDays({ from, to })
    shownAt = Date.now()
    lostAt = null
    waiting = false
    setText(trouble, '')
    if (setText(name, tenant.name)) document.title = `${tenant.name} · Widget performance`
    setText(when, `${formatDays({ from, to })} · ${tenant.time_zone.replaceAll('_', ' ')} time`)
    picker.show(asked, { from, to }, today)
    const someone = summary.widget_views > 0
    empty.hidden = someone
    numbers.hidden = !someone
    tiles.show(summary, { days, unfinished: to >= today })
    funnel.show(steps)
    const before = { from: addDays(from, -days), to: addDays(from, -1) }
    setText(
      compared,
      summary.previous
        ? `Changes are against ${formatDays(before)}.`
        : 'The days before are not held, or not all of them, so there is nothing to compare with.',
    )
    tell()
  }

  function onTrouble(error: unknown): void {
    waiting = false
    if (error instanceof SignedOut) leave.onSignedOut()
    else if (error instanceof Unreachable) {
      lostAt ??= Date.now()
      setText(trouble, describeLoss(lostAt, shownAt !== null))
    } else
      setText(
        trouble,
        error instanceof Refused
          ? `These days cannot be shown: ${error.message}`
          : 'The numbers cannot be shown. Please reload the page.',
      )
    tell()
  }

  function tell(): void {
    page.dataset.state = lostAt !== null ? 'unreachable' : waiting ? 'loading' : 'live'
    setText(age, waiting || shownAt === null ? 'Loading…' : `updated ${formatAge(Date.now() - shownAt)}`)
  }

  function choose(chosen: Range): void {
    history.pushState(null, '', location.pathname + writeRange(chosen))
    turnTo(chosen)
  }
  function turnTo(chosen: Range): void {
    range = chosen
    waiting = true
    picker.press(chosen)
    tell()
    live.refresh()
  }
  const onBack = () => turnTo(readRange(location.search))

  signOutButton.addEventListener('click', leave.onSignOut)
  const page = element(
    'div',
    { class: 'dashboard', 'data-state': 'loading' },
    element('header', {}, element('div', {}, name, when), element('div', { class: 'corner' }, age, signOutButton)),
    element('main', {}, element('h2', { class: 'unseen' }, 'Numbers'), picker.node, trouble, empty, numbers),
    element(
      'footer',
      {},
      element(
        'p',
        {},
        'Visitors who asked not to be tracked (Do Not Track or Global Privacy Control) are left out of every number on this page. No message, name, address or phone number is ever stored here.',
      ),
    ),
  )
  window.addEventListener('popstate', onBack)
  const clock = window.setInterval(tell, 1_000)
  const live = keepFresh(load, onTrouble)
  live.refresh()

  return {
    node: page,
    stop() {
      live.stop()
      funnel.stop()
      clearInterval(clock)
      window.removeEventListener('popstate', onBack)
    },
  }
}

function describeLoss(since: number, hasNumbers: boolean): string {
  return hasNumbers
    ? `No answer from the service since ${formatClock(since)}. These are the last numbers it gave; trying again every few seconds.`
    : 'The service does not answer. Trying again every few seconds.'
}

function emptyState(): HTMLElement {
  return element(
    'section',
    { class: 'empty' },
    element('h2', {}, 'No views in these days'),
    element('p', {}, 'The first visit to a page with your widget appears here within half a minute, without a reload.'),
    element(
      'ul',
      {},
      element(
        'li',
        {},
        'New here? Check that the line your provider gave you stands on every page that shows the widget.',
      ),
      element(
        'li',
        {},
        'Trying it yourself? A browser that asks not to be tracked is not counted, and some ad blockers stop the count too.',
      ),
      element('li', {}, 'Looking for older numbers? Choose more days above.'),
    ),
  )
}
