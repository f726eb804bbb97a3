// Narrows what is shown to one device, source or page: chosen from those that occurred, taken back with one press.
import type { Breakdown } from 'contract/analytics'
import { ask, type Days, patienceMs } from './analytics.ts'
import { element } from './element.ts'
import { say } from './messages.ts'
import { type Dimension, dimensions, type Filter } from './place.ts'
import { dimensionNames, nameOf } from './wording.ts'

export type FilterPicker = {
  node: HTMLElement
  /** Marks what was chosen, before its numbers are there. */
  press: (filter: Filter) => void
  /** The days whose values are offered. */
  show: (days: Days) => void
}

export function filterPicker(onChoose: (filter: Filter) => void): FilterPicker {
  let filter: Filter = {}
  let days: Days | null = null
  let offered = ''
  const selects = dimensions.map((dimension) => {
    const select = element('select', { id: `filter-${dimension}` })
    select.addEventListener('change', () => choose(dimension, select.value))
    return { dimension, select, label: element('label', { for: select.id }, say(dimensionNames[dimension])) }
  })
  const form = element(
    'div',
    { id: 'filters', class: 'filters' },
    ...selects.map(({ label, select }) => element('div', {}, label, select)),
  )
  form.hidden = true
  const toggle = element(
    'button',
    { type: 'button', class: 'chip', 'aria-expanded': 'false', 'aria-controls': 'filters' },
    say('filter'),
  )
  toggle.addEventListener('click', () => {
    form.hidden = !form.hidden
    toggle.setAttribute('aria-expanded', String(!form.hidden))
    if (!form.hidden) void offer()
  })
  const chips = element('div', { class: 'chips' }, toggle)

  function choose(dimension: Dimension, value: string | undefined): void {
    const next = { ...filter }
    if (value) next[dimension] = value
    else delete next[dimension]
    onChoose(next)
  }

  /** Asks which values there are; without an answer the lists offer what is chosen. */
  async function offer(): Promise<void> {
    const wanted = JSON.stringify(days)
    if (!days || wanted === offered) return
    offered = wanted
    const { from, to } = days
    for (const { dimension, select } of selects) {
      const answer = await ask<Breakdown>(
        'breakdown',
        { by: dimension, from, to },
        AbortSignal.timeout(patienceMs),
      ).catch(() => null)
      if (!answer) offered = ''
      const values = (answer?.breakdown ?? []).flatMap(({ value }) => value ?? [])
      fill(dimension, select, values)
    }
  }

  function fill(dimension: Dimension, select: HTMLSelectElement, values: string[]): void {
    const chosen = filter[dimension]
    const all = chosen && !values.includes(chosen) ? [chosen, ...values] : values
    select.replaceChildren(
      element('option', { value: '' }, say('all')),
      ...all.map((value) => element('option', { value }, nameOf(dimension, value))),
    )
    select.value = chosen ?? ''
  }

  return {
    node: element('div', { class: 'narrowing' }, chips, form),
    press(chosen) {
      const changed = JSON.stringify(chosen) !== JSON.stringify(filter)
      filter = chosen
      if (!changed) return
      for (const { dimension, select } of selects) {
        const value = chosen[dimension]
        if (value && ![...select.options].some((option) => option.value === value)) fill(dimension, select, [value])
        select.value = value ?? ''
      }
      chips.replaceChildren(toggle, ...dimensions.flatMap((dimension) => drawChip(dimension, chosen[dimension])))
    },
    show(shown) {
      days = shown
      if (!form.hidden) void offer()
    },
  }

  function drawChip(dimension: Dimension, value: string | undefined): HTMLElement[] {
    if (!value) return []
    const name = nameOf(dimension, value)
    const chip = element(
      'button',
      { type: 'button', class: 'chip chosen', 'aria-label': say('removeFilter', { value: name }) },
      name,
      element('span', { 'aria-hidden': 'true' }, ' ×'),
    )
    chip.addEventListener('click', () => {
      toggle.focus()
      choose(dimension, undefined)
    })
    return [chip]
  }
}
