// The install check: have we seen your site, with which script, and who else uses your key?
import type { Common, Install } from 'contract/analytics'
import { ask } from './analytics.ts'
import { copyButton } from './copy.ts'
import { element, setText } from './element.ts'
import { formatAge, formatMoment } from './format.ts'
import { say } from './messages.ts'
import { tableView } from './table.ts'
import type { Asked, PageView } from './view.ts'

export function installView(): PageView {
  const installed = installedView()
  return {
    title: say('installView'),
    node: element('div', { class: 'view' }, element('h2', {}, say('installTitle')), installed.node),
    ranged: false,
    async load({ signal, shown }: Asked) {
      const answer = await ask<Install & Common>('install', {}, signal)
      installed.show(answer)
      shown(answer)
    },
    stop: () => {},
  }
}

type Origin = Install['origins'][number]
export type Installed = { node: HTMLElement; show: (install: Install & Partial<Common>) => void }

export function installedView(): Installed {
  let zone = 'UTC'
  const verdict = element('p', { class: 'verdict' })
  const snippet = element('code', { class: 'snippet', tabindex: 0 })
  const hint = element('p')
  const copy = copyButton(() => snippet.textContent ?? '')
  const origins = tableView<Origin>({
    name: say('origins'),
    columns: [
      { name: say('origin'), show: ({ origin }) => element('span', { class: 'data' }, origin) },
      {
        name: say('lastEvent'),
        show: ({ last_event_at }) => (last_event_at ? formatMoment(last_event_at, zone) : say('never')),
      },
      { name: say('version'), show: ({ widget_version }) => widget_version ?? '–' },
    ],
    csv: ({ origin, last_event_at, widget_version }) => ({ origin, last_event_at, widget_version }),
  })
  const refused = element('div', { class: 'refused' })
  const policy = element('code', { class: 'snippet', tabindex: 0 })

  return {
    node: element(
      'div',
      { class: 'installed' },
      verdict,
      origins.node,
      element('h3', { class: 'title' }, say('refusedTitle')),
      refused,
      hint,
      snippet,
      copy,
      element('h3', { class: 'title' }, say('policyTitle')),
      element('p', {}, say('policyHint')),
      policy,
    ),
    show(install) {
      const { tenant = { name: '', time_zone: zone }, from = '', to = '' } = install
      zone = tenant.time_zone
      const seen = install.origins.some(({ last_event_at }) => last_event_at !== null)
      verdict.dataset.seen = String(seen)
      setText(verdict, seen ? say('installSeen') : say('installUnseen'))
      setText(hint, install.snippet ? say('installLine') : say('installNoKey'))
      setText(snippet, install.snippet ?? '')
      snippet.hidden = copy.hidden = install.snippet === null
      setText(policy, install.content_security_policy)
      origins.show(install.origins, { tenant, from, to })
      showRefused(install.refused)
    },
  }

  function showRefused(strangers: Install['refused']): void {
    if (strangers.length === 0) {
      refused.replaceChildren(element('p', { class: 'quiet' }, say('refusedNone')))
      return
    }
    const sentences = strangers.map(({ origin, last_refused_at }) => {
      const ago = formatAge(Date.now() - Date.parse(last_refused_at))
      return element('li', {}, say('refusedSentence', { origin }), ' ', say('lastRefused', { age: ago }))
    })
    refused.replaceChildren(element('ul', {}, ...sentences), element('p', { class: 'quiet' }, say('refusedHint')))
  }
}
