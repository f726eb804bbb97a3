// The six numbers, each with what it is made of, its change and its definition.
import type { Numbers, Rate, Summary } from 'contract/analytics'
import { element, setText } from './element.ts'
import { formatAverage, formatCount, formatInterval, formatRate } from './format.ts'
import { type Change, compareAverages, compareCounts, compareRates } from './wording.ts'

/** What the wording needs to know about the days beside the numbers. */
export type Span = { days: number; unfinished: boolean }

type Tile = {
  field: keyof Numbers
  label: string
  value: (numbers: Numbers) => string
  basis: (numbers: Numbers) => string
  change: (now: Numbers, before: Numbers, span: Span) => Change
}

type RateField = Exclude<keyof Numbers, 'widget_views' | 'sessions' | 'average_conversation_length'>

const rateTile = (field: RateField, label: string, which: string): Tile => ({
  field,
  label,
  value: (numbers) => formatRate(numbers[field]),
  basis: (numbers) =>
    [`${fraction(numbers[field])}${which}`, formatInterval(numbers[field])].filter(Boolean).join(' · '),
  change: (now, before) => compareRates(now[field], before[field]),
})

const tiles: Tile[] = [
  {
    field: 'widget_views',
    label: 'Views',
    value: (numbers) => formatCount(numbers.widget_views),
    basis: (numbers) => `in ${plural(numbers.sessions, 'visit')}`,
    change: (now, before, { days, unfinished }) =>
      compareCounts(now.widget_views, before.widget_views, days, unfinished),
  },
  rateTile('engagement_rate', 'Engagement rate', ''),
  rateTile('estimate_conversion_rate', 'Estimate conversion', ' that opened it'),
  rateTile('lead_capture_rate', 'Lead capture', ' that opened it'),
  rateTile('quote_request_rate', 'Quote requests', ' that opened it'),
  {
    field: 'average_conversation_length',
    label: 'Conversation length',
    value: (numbers) => formatAverage(numbers.average_conversation_length.value),
    basis: ({ average_conversation_length: { numerator, denominator } }) =>
      `${plural(numerator, 'message')} in ${plural(denominator, 'conversation')}`,
    change: (now, before) => compareAverages(now.average_conversation_length, before.average_conversation_length),
  },
]

export type Tiles = { node: HTMLElement; show: (summary: Summary, span: Span) => void }

export function tilesView(): Tiles {
  const shown = tiles.map(tileView)
  return {
    node: element('div', { class: 'tiles' }, ...shown.map(({ node }) => node)),
    show(summary, span) {
      for (const tile of shown) tile.show(summary, span)
    },
  }
}

function tileView({ field, label, value, basis, change }: Tile): Tiles {
  const number = element('p', { class: 'number' })
  const made = element('p', { class: 'basis' })
  const arrow = element('span', { class: 'arrow', 'aria-hidden': 'true' })
  const words = element('span')
  const changed = element('p', { class: 'change' }, arrow, words)
  const definition = element('p', { class: 'definition', id: `about-${field}` })
  definition.hidden = true
  const about = element(
    'button',
    {
      type: 'button',
      class: 'about',
      'aria-expanded': 'false',
      'aria-controls': definition.id,
      'aria-label': `What “${label}” means`,
    },
    '?',
  )
  about.addEventListener('click', () => {
    definition.hidden = !definition.hidden
    about.setAttribute('aria-expanded', String(!definition.hidden))
  })
  let first = true

  return {
    node: element(
      'section',
      { class: 'tile', 'data-field': field },
      element('h3', {}, label),
      about,
      number,
      made,
      changed,
      definition,
    ),
    show(summary, span) {
      if (setText(number, value(summary)) && !first) flash(number)
      first = false
      setText(made, basis(summary))
      setText(definition, summary.definitions[field] ?? '')
      about.hidden = !summary.definitions[field]
      const { direction, text } = summary.previous
        ? change(summary, summary.previous, span)
        : { direction: 'none' as const, text: '' }
      changed.dataset.direction = direction
      setText(words, text)
    },
  }
}

/** A number that has just moved lights up for a moment. */
function flash(node: HTMLElement): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const accent = getComputedStyle(node).getPropertyValue('--accent')
  node.animate([{ color: accent }, { color: getComputedStyle(node).color }], { duration: 1_600, easing: 'ease-out' })
}

function fraction({ numerator, denominator }: Rate): string {
  return `${formatCount(numerator)} of ${plural(denominator, 'visit')}`
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
