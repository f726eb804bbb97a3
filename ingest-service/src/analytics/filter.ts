// Narrows a question to the visits of one device, source or landing page.

export const filters = ['device', 'source', 'page'] as const
export type Filter = Partial<Record<(typeof filters)[number], string>>

/** Without a filter the roll-up knows the answer. */
export const isFiltered = (filter: Filter): boolean => filters.some((name) => filter[name] !== undefined)

/** A condition on a row of `leadlight.sessions`, whose values stand at `$first` and after. */
export function sessionCondition(filter: Filter, first: number): { sql: string; values: string[] } {
  const given = filters.filter((name) => filter[name] !== undefined)
  return {
    sql: given.map((name, i) => ` and session.${name} = $${first + i}`).join(''),
    values: given.map((name) => filter[name]!),
  }
}

/** The same for events, through the session each belongs to; without a filter no session is looked up. */
export function eventCondition(filter: Filter, first: number): { sql: string; values: string[] } {
  const { sql, values } = sessionCondition(filter, first)
  if (values.length === 0) return { sql: '', values }
  return {
    sql: ` and exists (
      select 1 from leadlight.sessions as session
      where session.tenant_id = event.tenant_id and session.session_id = event.session_id${sql}
    )`,
    values,
  }
}
