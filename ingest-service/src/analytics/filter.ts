// Narrows a question to the visits of one device, source or landing page.

export const filters = ['device', 'source', 'page'] as const
export type Filter = Partial<Record<(typeof filters)[number], string>>

/** Without a filter the roll-up knows the answer. */
export const isFiltered = (filter: Filter): boolean => filters.some((name) => filter[name] !== undefined)

/** A condition on a row of `leadlight.sessions`, or one that has its columns, whose values stand at `$first` and after. */
export function sessionCondition(filter: Filter, first: number, row = 'session'): { sql: string; values: string[] } {
  const given = filters.filter((name) => filter[name] !== undefined)
  return {
    sql: given.map((name, i) => ` and ${row}.${name} = $${first + i}`).join(''),
    values: given.map((name) => filter[name]!),
  }
}
