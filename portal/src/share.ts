// Links for others: made, shown once, listed, withdrawn.
import type { MadeShareLink, ShareLink, ShareLinks } from 'contract/portal'
import { Refused, request } from './analytics.ts'
import { copyButton } from './copy.ts'
import { element, setText } from './element.ts'
import { formatZonedDay } from './format.ts'
import { say } from './messages.ts'
import type { Asked, PageView } from './view.ts'

const choices = [7, 30, 90]

export function shareView(): PageView {
  let zone = 'UTC'
  const label = element('input', { id: 'share-for', maxlength: 100, autocomplete: 'off' })
  const days = element(
    'select',
    { id: 'share-days' },
    ...choices.map((count) => element('option', { value: count, selected: count === 30 }, say('lastDays', { count }))),
  )
  const make = element('button', { type: 'submit', class: 'primary' }, say('shareMake'))
  const trouble = element('p', { class: 'trouble', role: 'alert' })
  const link = element('input', { id: 'share-link', readonly: true })
  const made = element(
    'div',
    { class: 'made', role: 'status' },
    element('label', { for: 'share-link' }, say('shareLink')),
    element(
      'div',
      { class: 'field' },
      link,
      copyButton(() => link.value),
    ),
    element('p', { class: 'quiet' }, say('shareOnce')),
  )
  made.hidden = true
  const form = element(
    'form',
    { class: 'share' },
    element('div', {}, element('label', { for: 'share-for' }, say('shareFor')), label),
    element('div', {}, element('label', { for: 'share-days' }, say('shareDays')), days),
    make,
  )
  const open = element('ul', { class: 'links' })
  const none = element('p', { class: 'quiet' }, say('shareNone'))

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    await attempt(make, async () => {
      const response = await request('shares', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ label: label.value, days: Number(days.value) }),
      })
      const { share_url }: MadeShareLink = await response.json()
      link.value = share_url
      made.hidden = false
      label.value = ''
      link.focus()
      link.select()
      await list()
    })
  })

  async function attempt(button: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
    button.disabled = true
    setText(trouble, '')
    try {
      await act()
    } catch (error) {
      const isFull = error instanceof Refused && error.code === 'too_many_share_links'
      setText(trouble, isFull ? say('shareTooMany') : say('shareFailed'))
    } finally {
      button.disabled = false
    }
  }

  async function list(signal?: AbortSignal): Promise<void> {
    const { shares }: ShareLinks = await (await request('shares', { signal })).json()
    none.hidden = shares.length > 0
    const wanted = JSON.stringify(shares)
    if (open.dataset.drawn === wanted) return
    open.dataset.drawn = wanted
    open.replaceChildren(...shares.map(drawLink))
  }

  function drawLink({ share_id, label: name, expires_at }: ShareLink): HTMLElement {
    const shownName = name || say('shareUnnamed')
    const button = element(
      'button',
      { type: 'button', 'aria-label': say('shareWithdrawOf', { label: shownName }) },
      say('shareWithdraw'),
    )
    button.addEventListener('click', () =>
      attempt(button, async () => {
        await request(`shares/${share_id}`, { method: 'DELETE' })
        await list()
      }),
    )
    return element(
      'li',
      {},
      element('span', {}, shownName),
      element('span', { class: 'quiet' }, say('shareUntil', { day: formatZonedDay(expires_at, zone) })),
      button,
    )
  }

  return {
    title: say('shareView'),
    node: element(
      'div',
      { class: 'view' },
      element('h2', {}, say('shareTitle')),
      element('p', { class: 'sentence' }, say('shareExplained')),
      form,
      trouble,
      made,
      element('h3', { class: 'title' }, say('shareOpen')),
      none,
      open,
    ),
    ranged: false,
    async load({ session, signal, shown }: Asked) {
      const { tenant } = await session
      zone = tenant.time_zone
      await list(signal)
      shown({ tenant, from: '', to: '' })
    },
    stop: () => {},
  }
}
