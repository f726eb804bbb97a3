// How often something happened, day by day or hour by hour, beside the same count for as many days before.
import type { Point, Series, Summary } from 'contract/analytics'
import type { EventType } from 'contract/events'
import { maxHourlyDays } from 'contract/limits'
import { ask, patienceMs } from './analytics.ts'
import { element, setText } from './element.ts'
import { formatCount, formatDay, formatHour, formatMoment, nothing } from './format.ts'
import { say } from './messages.ts'
import { type Pair, pairUp } from './pairs.ts'
import type { Filter } from './place.ts'
import { addDays, countDays } from './range.ts'
import { tableView } from './table.ts'
import { drawTrend } from './trend-picture.ts'
import { seriesNames } from './wording.ts'

export type TrendView = {
  node: HTMLElement
  /** @returns the points of the days shown, for the tiles' lines */
  load: (summary: Summary, filter: Filter, signal: AbortSignal) => Promise<{ points: Point[]; hourly: boolean }>
  stop: () => void
}

/** Days are too few to make a line below this many. */
const minDailyDays = 3

export function trendView(): TrendView {
  let what: EventType = 'widget_loaded'
  let chosen: 'day' | 'hour' | null = null
  let held: { summary: Summary; points: Point[]; before: Point[] | null; hourly: boolean } | null = null
  let again = async (): Promise<void> => {}
  /** The newest question wins. */
  let turn = 0
  let drawn = ''

  const title = element('h2', { id: 'trend' })
  const count = select(
    'trend-what',
    say('trendWhat'),
    Object.entries(seriesNames).map(([type, key]) => [type, say(key)]),
  )
  const by = select('trend-by', say('countedBy'), [
    ['day', say('byDay')],
    ['hour', say('byHour')],
  ])
  const read = element('p', { class: 'read', 'aria-hidden': 'true' })
  const canvas = element('div', { class: 'canvas' })
  const key = element(
    'p',
    { class: 'key' },
    element('span', { class: 'now' }, say('thesePeriod')),
    element('span', { class: 'before' }, say('beforePeriod')),
  )
  const table = tableView<Pair>({
    name: say('trendTitle'),
    folded: true,
    columns: [
      { name: say('when'), show: ({ start }) => label(start) },
      { name: say('thesePeriod'), show: ({ count }) => (count === null ? nothing : formatCount(count)) },
      { name: say('beforePeriod'), show: ({ before }) => (before === null ? nothing : formatCount(before)) },
    ],
    csv: ({ start, count, before }) => ({ start, [what]: count, [`${what}_before`]: before }),
  })
  const definition = element('p', { class: 'quiet' })

  count.addEventListener('change', () => {
    what = count.value as EventType
    draw()
  })
  by.addEventListener('change', () => {
    chosen = by.value as 'day' | 'hour'
    void again().catch(() => {})
  })
  const sizes = new ResizeObserver(draw)
  sizes.observe(canvas)

  async function load(summary: Summary, filter: Filter, signal: AbortSignal) {
    const { from, to } = summary
    const days = countDays({ from, to })
    const possible = days <= maxHourlyDays
    const hourly = possible && (chosen ? chosen === 'hour' : days < minDailyDays)
    by.hidden = !possible || days === 1
    by.value = hourly ? 'hour' : 'day'
    const interval = hourly ? 'hour' : 'day'
    // the frame gives its own question up with the next one, and so would this
    again = async () => void (await load(summary, filter, AbortSignal.timeout(patienceMs)))
    const mine = ++turn
    const [now, before] = await Promise.all([
      ask<Series>('series', { from, to, ...filter, interval }, signal),
      summary.previous &&
        ask<Series>('series', { from: addDays(from, -days), to: addDays(from, -1), ...filter, interval }, signal),
    ])
    const nowMs = Date.now()
    const begun = { points: now.points.filter(({ start }) => Date.parse(start) <= nowMs), hourly }
    if (mine !== turn) return begun
    held = { summary, points: now.points, before: before?.points ?? null, hourly }
    setText(title, hourly ? say('trendHours') : say('trendTitle'))
    setText(definition, now.definitions.points ?? '')
    draw()
    return begun
  }

  function draw(): void {
    const width = Math.floor(canvas.clientWidth)
    if (!held || width === 0) return
    const { summary, points, before, hourly } = held
    const interval = hourly ? 'hour' : 'day'
    const pairs = pairUp(points, before, { what, interval, nowMs: Date.now() })
    const wanted = `${width} ${interval} ${what} ${JSON.stringify(pairs)}`
    if (wanted === drawn) return
    drawn = wanted
    table.show(pairs, summary)
    key.hidden = before === null
    canvas.replaceChildren(
      drawTrend(pairs, {
        width,
        label,
        tick,
        what: say(seriesNames[what]),
        onRead: (pair) => setText(read, pair ? readOut(pair) : ''),
      }),
    )
  }

  function label(start: string): string {
    if (!held) return ''
    return held.hourly ? formatMoment(start, held.summary.tenant.time_zone) : formatDay(start.slice(0, 10))
  }

  /** Of one day the hour, of more days the day. */
  function tick(start: string): string {
    if (!held?.hourly || held.summary.from !== held.summary.to) return formatDay(start.slice(0, 10))
    return formatHour(start, held.summary.tenant.time_zone)
  }

  function readOut({ start, count: now, before }: Pair): string {
    const values = { when: label(start), count: now ?? nothing }
    return before === null ? say('pointRead', values) : say('pointReadBefore', { ...values, before })
  }

  return {
    node: element(
      'section',
      { class: 'part', 'aria-labelledby': 'trend' },
      element('div', { class: 'head' }, title, element('div', { class: 'selects' }, count, by)),
      key,
      canvas,
      read,
      table.node,
      definition,
    ),
    load,
    stop: () => sizes.disconnect(),
  }
}

function select(id: string, name: string, options: [string, string][]): HTMLSelectElement {
  return element(
    'select',
    { id, 'aria-label': name },
    ...options.map(([value, words]) => element('option', { value }, words)),
  )
}
