// What stands there when nothing was counted: help to install the widget, or to look elsewhere.
import type { Install } from 'contract/analytics'
import { ask } from './analytics.ts'
import { element, setText } from './element.ts'
import { installedView } from './install.ts'
import { say } from './messages.ts'
import type { Place } from './place.ts'

export type Nothing = {
  node: HTMLElement
  load: (place: Place, isOwner: boolean, signal: AbortSignal) => Promise<void>
}

export function nothingView(): Nothing {
  const install = installedView()
  const first = element('p')
  const filtered = element('li', {}, say('nothingFiltered'))
  install.node.hidden = true
  return {
    node: element(
      'section',
      { class: 'empty' },
      element('h2', {}, say('nothingTitle')),
      first,
      element('ul', {}, filtered, element('li', {}, say('nothingTry')), element('li', {}, say('nothingOlder'))),
      install.node,
    ),
    async load(place, isOwner, signal) {
      filtered.hidden = Object.keys(place.filter).length === 0
      setText(first, say('nothingYet'))
      install.node.hidden = !isOwner
      if (isOwner) install.show(await ask<Install>('install', {}, signal))
    },
  }
}
