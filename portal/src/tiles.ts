// The six numbers, each with what it is made of, its change, its line and its definition.
import type { Numbers, Point, Rate, Summary } from 'contract/analytics'
import type { EventType } from 'contract/events'
import { element, setText } from './element.ts'
import { formatAverage, formatCount, formatInterval, formatRate } from './format.ts'
import { type Key, say } from './messages.ts'
import { drawSparkline } from './sparkline.ts'
import { type Change, compareAverages, compareCounts, compareRates, seriesNames } from './wording.ts'

/** What the wording needs to know about the days beside the numbers. */
export type Span = { days: number; unfinished: boolean }

type Tile = {
  field: keyof Numbers
  label: Key
  /** What the line beside the number counts. */
  line: EventType
  value: (numbers: Numbers) => string
  basis: (numbers: Numbers) => string
  change: (now: Numbers, before: Numbers, span: Span) => Change
}

type RateField = Exclude<keyof Numbers, 'widget_views' | 'sessions' | 'average_conversation_length'>

const rateTile = (field: RateField, label: Key, line: EventType, basis: 'ofVisits' | 'ofVisitsOpened'): Tile => ({
  field,
  label,
  line,
  value: (numbers) => formatRate(numbers[field]),
  basis: (numbers) => [fraction(numbers[field], basis), formatInterval(numbers[field])].filter(Boolean).join(' · '),
  change: (now, before) => compareRates(now[field], before[field]),
})

const tiles: Tile[] = [
  {
    field: 'widget_views',
    label: 'tileViews',
    line: 'widget_loaded',
    value: (numbers) => formatCount(numbers.widget_views),
    basis: (numbers) => say('inVisits', { count: numbers.sessions }),
    change: (now, before, { days, unfinished }) =>
      compareCounts(now.widget_views, before.widget_views, days, unfinished),
  },
  rateTile('engagement_rate', 'tileEngagement', 'widget_opened', 'ofVisits'),
  rateTile('estimate_conversion_rate', 'tileEstimates', 'estimate_generated', 'ofVisitsOpened'),
  rateTile('lead_capture_rate', 'tileLeads', 'lead_captured', 'ofVisitsOpened'),
  rateTile('quote_request_rate', 'tileQuotes', 'quote_requested', 'ofVisitsOpened'),
  {
    field: 'average_conversation_length',
    label: 'tileConversation',
    line: 'message_sent',
    value: (numbers) => formatAverage(numbers.average_conversation_length.value),
    basis: ({ average_conversation_length: { numerator, denominator } }) =>
      say('messagesIn', { messages: say('messages', { count: numerator }), count: denominator }),
    change: (now, before) => compareAverages(now.average_conversation_length, before.average_conversation_length),
  },
]

export type Tiles = {
  node: HTMLElement
  show: (summary: Summary, span: Span) => void
  /** The lines, which come after the numbers. */
  draw: (points: Point[], hourly: boolean) => void
}

export function tilesView(): Tiles {
  const shown = tiles.map(tileView)
  return {
    node: element('div', { class: 'tiles' }, ...shown.map(({ node }) => node)),
    show(summary, span) {
      for (const tile of shown) tile.show(summary, span)
    },
    draw(points, hourly) {
      for (const tile of shown) tile.draw(points, hourly)
    },
  }
}

function tileView({ field, label: key, line, value, basis, change }: Tile): Tiles {
  const label = say(key)
  const number = element('p', { class: 'number' })
  const spark = element('div', { class: 'spark' })
  const made = element('p', { class: 'basis' })
  const arrow = element('span', { class: 'arrow', 'aria-hidden': 'true' })
  const words = element('span')
  const changed = element('p', { class: 'change' }, arrow, words)
  const meaning = element('p')
  const lineMeaning = element('p', { class: 'quiet' })
  const definition = element('div', { class: 'definition', id: `about-${field}` }, meaning, lineMeaning)
  definition.hidden = true
  const about = element(
    'button',
    {
      type: 'button',
      class: 'about',
      'aria-expanded': 'false',
      'aria-controls': definition.id,
      'aria-label': say('about', { label }),
    },
    '?',
  )
  about.addEventListener('click', () => {
    definition.hidden = !definition.hidden
    about.setAttribute('aria-expanded', String(!definition.hidden))
  })
  let first = true
  let drawn = ''

  return {
    node: element(
      'section',
      { class: 'tile', 'data-field': field },
      element('h3', {}, label),
      about,
      number,
      spark,
      made,
      changed,
      definition,
    ),
    show(summary, span) {
      if (setText(number, value(summary)) && !first) flash(number)
      first = false
      setText(made, basis(summary))
      setText(meaning, summary.definitions[field] ?? '')
      about.hidden = !summary.definitions[field]
      const { direction, text } = summary.previous
        ? change(summary, summary.previous, span)
        : { direction: 'none' as const, text: '' }
      changed.dataset.direction = direction
      setText(words, text)
    },
    draw(points, hourly) {
      const counts = points.map((point) => point[line])
      const wanted = counts.join()
      setText(lineMeaning, say(hourly ? 'lineHours' : 'lineDays', { what: say(seriesNames[line]) }))
      if (wanted === drawn) return
      drawn = wanted
      spark.replaceChildren(drawSparkline(counts))
    },
  }
}

/** A number that has just moved lights up for a moment. */
function flash(node: HTMLElement): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const accent = getComputedStyle(node).getPropertyValue('--accent')
  node.animate([{ color: accent }, { color: getComputedStyle(node).color }], { duration: 1_600, easing: 'ease-out' })
}

const fraction = ({ numerator, denominator }: Rate, key: 'ofVisits' | 'ofVisitsOpened'): string =>
  say(key, { numerator, count: denominator })
