// Numbers of one segment's visits over a range of days: added up from the days and hours that are counted by segment, and
// counted from the events of those that are not (the present hour, and what changed a moment ago), so that they are right at any time.
import { type EventType, leadTypes } from 'contract/events'
import type pg from 'pg'
import { ask, type Bounds, eventsOfDays, quarterInDays, sessionInDays } from './days.ts'
import { type Filter, filters, sessionCondition } from './filter.ts'
import { countedHistogram, countedType, histograms, measured } from './histogram.ts'
import type { Range } from './range.ts'
import { countedSessions, type SessionNumber, sessionNumbers } from './session-numbers.ts'

type Histogram = (typeof histograms)[number]
export type Column = EventType | Histogram | 'failed_leads' | SessionNumber
/** Histograms come as PostgreSQL's numeric, which has more digits than a number. */
export type Counts<C extends Column> = { [Name in C]: Name extends Histogram ? string : number }

const hourMs = 3_600_000

/** All of a range with its midnights, where the stretches begin that are counted by segment, and what lies between those. */
export type Days = { midnights: Date[]; bounds: Bounds; counted: Date[]; uncounted: Bounds[] }

/** Which rows of `leadlight.segment_counts` tell apart what a filter asks for. */
export function groupingOf(filter: Filter): string {
  const given = filters.filter((name) => filter[name] !== undefined)
  return given.length === 0 ? 'nothing' : given.length === 1 ? given[0]! : 'everything'
}

const isHistogram = (name: string): name is Histogram => (histograms as readonly string[]).includes(name)
const isSessionNumber = (name: string): name is SessionNumber => name in sessionNumbers
const addedUp = (name: Column): string => `coalesce(sum(${name}), 0)${isHistogram(name) ? '' : '::int'} as ${name}`
/** The select list that adds numbers up from quarter hours, or from counted days or hours. */
export const added = (columns: readonly Column[]): string => columns.map(addedUp).join(', ')

export async function splitDays(client: pg.ClientBase, { from, to }: Range, timeZone: string): Promise<Days> {
  const midnight = (date: string) => `(${date})::timestamp at time zone $3`
  const { rows } = await client.query<{ midnights: Date[]; starts: Date[]; ends: Date[] }>({
    name: 'stretches',
    text: `select
        array(select ${midnight('$1::date + n')} from generate_series(0, $2::date - $1::date + 1) as n order by n) as midnights,
        coalesce(array_agg(starts order by starts), '{}') as starts,
        coalesce(array_agg(ends order by starts), '{}') as ends
      from leadlight.segmented_stretches where starts >= ${midnight('$1::date')} and starts < ${midnight('$2::date + 1')}`,
    values: [from, to, timeZone],
  })
  const { midnights, starts, ends } = rows[0]!
  const days: Days = { midnights, bounds: [midnights[0]!, midnights.at(-1)!], counted: [], uncounted: [] }
  let day = 0
  let reached = midnights[0]!
  for (const [i, start] of starts.entries()) {
    while (start >= midnights[day + 1]!) day++
    // counted by another time zone's midnights: not all of one day, or not by its hours
    if (ends[i]! > midnights[day + 1]! || (start.getTime() - midnights[day]!.getTime()) % hourMs !== 0) continue
    if (start > reached) days.uncounted.push([reached, start])
    days.counted.push(start)
    reached = ends[i]!
  }
  if (reached < days.bounds[1]) days.uncounted.push([reached, days.bounds[1]])
  return days
}

/** The given numbers of all visits, from the roll-up's quarter hours. */
export async function addUpQuarters<C extends EventType | Histogram | SessionNumber>(
  client: pg.ClientBase,
  question: string,
  bounds: Bounds,
  columns: readonly C[],
): Promise<Counts<C>> {
  const text = `select ${added(columns)} from leadlight.quarter_hours where ${quarterInDays}`
  return (await ask<Counts<C>>(client, question, {}, text, bounds))[0]!
}

/** The given numbers of the visits that match the filter. */
export async function countSegment<C extends Column>(
  client: pg.ClientBase,
  question: string,
  days: Days,
  filter: Filter,
  columns: readonly C[],
): Promise<Counts<C>> {
  const condition = sessionCondition(filter, 2)
  const counted = `select ${added(columns)} from leadlight.segment_counts as session
    where starts = any($1) and grouped_by = '${groupingOf(filter)}'${condition.sql}`
  const parts = await ask<Counts<C>>(client, `counted ${question}`, filter, counted, [
    days.counted,
    ...condition.values,
  ])
  for (const bounds of days.uncounted) parts.push(await countUncounted(client, question, bounds, filter, columns))
  return parts.reduce((all, part) => addCounts(columns, all, part))
}

/** The same from the events and sessions themselves. */
export async function countUncounted<C extends Column>(
  client: pg.ClientBase,
  question: string,
  bounds: Bounds,
  filter: Filter,
  columns: readonly C[],
): Promise<Counts<C>> {
  const { sql, values } = sessionCondition(filter, 3)
  const { ofEvents, ofSessions } = sourcesOf(columns)
  const parts = [
    ...(ofEvents.length
      ? [`(select ${ofEvents.map(countedOfEvents)} from ${eventsOfDays(ofTypes(ofEvents), sql)}) as events`]
      : []),
    ...(ofSessions.length
      ? [
          `(select ${countedSessions(ofSessions)} from leadlight.sessions as session
            where ${sessionInDays}${sql}) as sessions`,
        ]
      : []),
  ]
  const text = `select * from ${parts.join(', ')}`
  return (await ask<Counts<C>>(client, `uncounted ${question}`, filter, text, [...bounds, ...values]))[0]!
}

/** The numbers of each value of a dimension, of visits that loaded the widget. */
export async function countValues<C extends Column>(
  client: pg.ClientBase,
  days: Days,
  dimension: (typeof filters)[number],
  columns: readonly C[],
): Promise<Map<string | null, Counts<C>>> {
  const { ofEvents, ofSessions } = sourcesOf(columns)
  const counted = `select ${dimension} as value, ${added(columns)} from leadlight.segment_counts
    where starts = any($1) and grouped_by = '${dimension}' and loaded group by 1`
  const zeros = (names: readonly Column[]) => names.map((name) => `0 as ${name}`)
  const uncounted = `select value, ${added(columns)}
    from (
      select event.${dimension} as value, ${[...ofEvents.map(countedOfEvents), ...zeros(ofSessions)]}
      from ${eventsOfDays(ofTypes(ofEvents), ' and session.loaded_at is not null')}
      group by 1
      union all
      select session.${dimension}, ${[...zeros(ofEvents), countedSessions(ofSessions)]}
      from leadlight.sessions as session
      where ${sessionInDays} and loaded_at is not null
      group by 1
    ) as part
    group by 1`
  type Row = Counts<C> & { value: string | null }
  const rows = await ask<Row>(client, `values of ${dimension}`, {}, counted, [days.counted])
  for (const bounds of days.uncounted)
    rows.push(...(await ask<Row>(client, `uncounted values of ${dimension}`, {}, uncounted, bounds)))
  const values = new Map<string | null, Counts<C>>()
  for (const row of rows) {
    const known = values.get(row.value)
    values.set(row.value, known ? addCounts(columns, known, row) : row)
  }
  return values
}

const sourcesOf = (columns: readonly Column[]): { ofEvents: Column[]; ofSessions: SessionNumber[] } => ({
  ofEvents: columns.filter((name) => !isSessionNumber(name)),
  ofSessions: columns.filter(isSessionNumber),
})

const isLead = `type in (${leadTypes.map((type) => `'${type}'`)})`

/** Only events of the types that the columns are counted from. */
function ofTypes(columns: readonly Column[]): string {
  const types = columns.flatMap((name) => {
    if (isHistogram(name)) return [measured[name].type]
    return name === 'failed_leads' ? leadTypes : [name as EventType]
  })
  return ` and event.type in (${[...new Set(types)].map((type) => `'${type}'`)})`
}

/** An aggregate over events. */
function countedOfEvents(name: Column): string {
  if (isHistogram(name)) return countedHistogram(name)
  if (name === 'failed_leads') return `count(*) filter (where ${isLead} and error_at is not null)::int as failed_leads`
  return countedType(name as EventType)
}

export function addCounts<C extends Column>(columns: readonly C[], a: Counts<C>, b: Counts<C>): Counts<C> {
  const sum = (name: C): string | number =>
    isHistogram(name) ? String(BigInt(a[name]) + BigInt(b[name])) : (a[name] as number) + (b[name] as number)
  return Object.fromEntries(columns.map((name) => [name, sum(name)])) as Counts<C>
}
