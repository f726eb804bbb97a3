// Rows as PostgreSQL array literals, one for each column: written by hand, since `pg` takes three times as long over values it cannot know.
import type { Row } from './writer.ts'

/** The arrays that the writer's statement unnests, in this order. */
export function columnsOf(rows: Row[]): string[] {
  let tenantIds = '{'
  let ids = '{'
  let sessionIds = '{'
  let occurredMs = '{'
  let types = '{'
  let traceIds = '{'
  let spanIds = '{'
  let pages = '{'
  let versions = '{'
  let properties = '['
  let separator = ''
  for (const row of rows) {
    // ids, numbers and words of ours need no quotes
    tenantIds += separator + row.tenantId
    ids += separator + row.id
    sessionIds += separator + row.sessionId
    occurredMs += separator + row.occurredAt.getTime()
    types += separator + row.type
    traceIds += separator + (row.traceId ?? 'NULL')
    spanIds += separator + (row.spanId ?? 'NULL')
    pages += separator + element(row.page)
    versions += separator + element(row.widgetVersion)
    properties += separator + row.properties
    separator = ','
  }
  return [
    `${tenantIds}}`,
    `${ids}}`,
    `${sessionIds}}`,
    `${occurredMs}}`,
    `${types}}`,
    `${traceIds}}`,
    `${spanIds}}`,
    `${pages}}`,
    `${versions}}`,
    `${properties}]`,
  ]
}

/** Text in quotes, so that nothing in it is read as the array's own (https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO). */
const element = (text: string | null): string =>
  text === null ? 'NULL' : `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
