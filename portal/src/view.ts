// What the frame of the page asks of each view, and what it gives.
import type { Common } from 'contract/analytics'
import type { Session } from 'contract/portal'
import type { Days } from './analytics.ts'
import { element } from './element.ts'
import { type Place, writePlace } from './place.ts'

export type Asked = {
  place: Place
  /** The days chosen; null leaves them to the service, whose default is ours. */
  days: Days | null
  session: Promise<Session>
  signal: AbortSignal
  /** Tells the frame as soon as the first numbers stand there. */
  shown: (answer: Pick<Common, 'tenant' | 'from' | 'to'>) => void
}

/** How a view sends somebody elsewhere. */
export type Go = (place: Partial<Place>) => void

export type PageView = {
  title: string
  node: HTMLElement
  /** Whether days and filters can be chosen for it. */
  ranged: boolean
  /** Asks and shows; the errors of `analytics.ts` are the frame's business. */
  load: (asked: Asked) => Promise<void>
  stop: () => void
}

/** A real link, so that it can be opened in a tab of its own; a plain click stays on the page. */
export function placeLink(place: Place, go: Go, words: string, attributes: Record<string, string> = {}): HTMLElement {
  const link = element('a', { href: writePlace(place) || location.pathname, ...attributes }, words)
  link.addEventListener('click', (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(place)
  })
  return link
}
