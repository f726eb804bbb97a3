// What Grafana writes into a query before it asks: variables, the time, and how far apart points are.

export type Context = {
  from: Date
  to: Date
  /** Between two points of a graph, in seconds. */
  intervalSeconds: number
  /** What a person has chosen. */
  variables: Record<string, string>
}

/** Prometheus is scraped this often, as the data source says. */
const scrapeSeconds = 10

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`

/** Throws where something is left that Grafana would have replaced. */
export function fillSql(sql: string, { from, to, intervalSeconds, variables }: Context): string {
  const [first = '', last = ''] = [from, to].map((time) => quote(time.toISOString()))
  const group = (column: string) => `floor(extract(epoch from ${column})/${intervalSeconds})*${intervalSeconds}`
  const timed = sql
    .replace(/\$__timeFilter\((\w+)\)/g, (_, column) => `${column} BETWEEN ${first} AND ${last}`)
    .replaceAll('$__timeFrom()', first)
    .replaceAll('$__timeTo()', last)
    .replace(/\$__timeGroupAlias\((\w+), *\$__interval\)/g, (_, column) => `${group(column)} AS "time"`)
  return fillVariables(timed, 'sqlstring', quote, variables)
}

/** Throws where something is left that Grafana would have replaced. */
export function fillPromql(expression: string, { from, to, intervalSeconds, variables }: Context): string {
  const rangeSeconds = Math.round((to.getTime() - from.getTime()) / 1_000)
  const rateSeconds = Math.max(intervalSeconds + scrapeSeconds, 4 * scrapeSeconds)
  const timed = expression
    .replaceAll('$__rate_interval', `${rateSeconds}s`)
    .replaceAll('$__interval', `${intervalSeconds}s`)
    .replaceAll('$__range', `${rangeSeconds}s`)
  return fillVariables(timed, 'json', JSON.stringify, variables)
}

/** A legend with the labels it names. */
export const fillLegend = (legend: string, labels: Record<string, string>) =>
  legend.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '')

function fillVariables(
  query: string,
  format: string,
  write: (value: string) => string,
  variables: Record<string, string>,
): string {
  const variable = new RegExp(`\\$\\{(\\w+):${format}\\}`, 'g')
  if (/\$(__|\{|[a-z])/.test(query.replace(variable, ''))) throw new Error(`something is left to replace in ${query}`)
  return query.replace(variable, (_, name) => {
    const value = variables[name]
    if (value === undefined) throw new Error(`no variable ${name}`)
    return write(value)
  })
}
