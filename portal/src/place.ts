// Where on the page somebody is, and how the address says it: so that it can be reloaded, sent and gone back to.
import { defaultRange, type Range, readRange, writeRange } from './range.ts'

export const views = ['numbers', 'leads', 'journey', 'install', 'share'] as const
export type View = (typeof views)[number]

export const dimensions = ['device', 'source', 'page'] as const
export type Dimension = (typeof dimensions)[number]
export type Filter = Partial<Record<Dimension, string>>

export type Place = {
  view: View
  range: Range
  filter: Filter
  /** The lead whose journey is shown. */
  lead: string | null
}

export const start: Place = { view: 'numbers', range: defaultRange, filter: {}, lead: null }

/** Longest value that the service takes. */
const maxLength = 256

export function readPlace(query: string): Place {
  const asked = new URLSearchParams(query)
  const view = views.find((each) => each === asked.get('view')) ?? 'numbers'
  const lead = asked.get('lead')
  const filter: Filter = {}
  for (const dimension of dimensions) {
    const value = asked.get(dimension)
    if (value && value.length <= maxLength) filter[dimension] = value
  }
  return { view: view === 'journey' && !lead ? 'leads' : view, range: readRange(query), filter, lead }
}

/** The query that `readPlace` reads back; empty for the start. */
export function writePlace({ view, range, filter, lead }: Place): string {
  const query = new URLSearchParams(writeRange(range))
  if (view !== 'numbers') query.set('view', view)
  if (view === 'journey' && lead) query.set('lead', lead)
  for (const [dimension, value] of Object.entries(filter)) query.set(dimension, value)
  const text = query.toString()
  return text && `?${text}`
}
