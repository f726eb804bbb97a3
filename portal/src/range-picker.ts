// Chooses the days: one button for each preset, and a first and last day for everything else.
import type { Days } from './analytics.ts'
import { element } from './element.ts'
import { say } from './messages.ts'
import { findFault, type Preset, presets, type Range } from './range.ts'

export type RangePicker = {
  node: HTMLElement
  /** Marks what was chosen, before its numbers are there. */
  press: (range: Range) => void
  show: (range: Range, days: Days, today: string) => void
}

export function rangePicker(onChoose: (range: Range) => void): RangePicker {
  const buttons = presets.map((preset) => {
    const button = element('button', { type: 'button', 'aria-pressed': 'false' }, labelOf(preset))
    button.addEventListener('click', () => {
      form.hidden = true
      onChoose({ preset })
    })
    return { preset, button }
  })
  const from = element('input', { type: 'date', id: 'from', required: true })
  const to = element('input', { type: 'date', id: 'to', required: true })
  const fault = element('p', { class: 'trouble', role: 'alert' })
  const form = element(
    'form',
    { id: 'custom-days', class: 'custom-days', novalidate: true },
    element('label', { for: 'from' }, say('firstDay')),
    from,
    element('label', { for: 'to' }, say('lastDay')),
    to,
    element('button', { type: 'submit', class: 'primary' }, say('show')),
    fault,
  )
  form.hidden = true
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const days = { from: from.value, to: to.value }
    fault.textContent = findFault(days) ?? ''
    if (!fault.textContent) onChoose({ preset: null, days })
  })
  const custom = element(
    'button',
    {
      type: 'button',
      'aria-pressed': 'false',
      'aria-expanded': 'false',
      'aria-controls': 'custom-days',
      'aria-label': say('otherDays'),
    },
    say('other'),
  )
  custom.addEventListener('click', () => {
    form.hidden = !form.hidden
    custom.setAttribute('aria-expanded', String(!form.hidden))
    if (!form.hidden) from.focus()
  })

  function press(range: Range): void {
    for (const { preset, button } of buttons) button.setAttribute('aria-pressed', String(range.preset === preset))
    custom.setAttribute('aria-pressed', String(!range.preset))
    if (!range.preset) form.hidden = false
    custom.setAttribute('aria-expanded', String(!form.hidden))
  }

  return {
    node: element(
      'div',
      { class: 'range' },
      element(
        'div',
        { class: 'presets', role: 'group', 'aria-label': say('daysShown') },
        ...buttons.map(({ button }) => button),
        custom,
      ),
      form,
    ),
    press,
    show(range, days, today) {
      press(range)
      for (const input of [from, to]) input.max = today
      // never under the fingers of someone who is choosing
      if (form.contains(document.activeElement)) return
      from.value = days.from
      to.value = days.to
      fault.textContent = ''
    },
  }
}

const labelOf = ({ days }: Preset): string => (days === 1 ? say('today') : say('lastDays', { count: days }))
