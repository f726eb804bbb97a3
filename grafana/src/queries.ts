// How a panel asks: Prometheus over time, for its exemplars or its last word; PostgreSQL through the views.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { DataqueryBuilder as PrometheusQuery, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { postgres, prometheus } from './sources.ts'

/** A question without its letter, which the panel gives. */
export type Query = (refId: string) => Builder<Dataquery>

const ask = (refId: string, expression: string, legend: string) =>
  new PrometheusQuery().refId(refId).datasource(prometheus).legendFormat(legend).expr(expression)

/** Series over time. */
export const series =
  (legend: string, expression: string): Query =>
  (refId) =>
    ask(refId, expression, legend).range()

/** No line, but the single observations of these series as points that lead to their traces. */
export const exemplars =
  (selector: string): Query =>
  (refId) =>
    // no count is negative: of months of series nothing is to be read
    ask(refId, `${selector} < 0`, '').range().exemplar(true)

/** What holds at the end of the dashboard's time. */
export const latest =
  (legend: string, expression: string): Query =>
  (refId) =>
    ask(refId, expression, legend).instant()

/** The same as a table: a row for each series, a column for each label. */
export const latestRows =
  (expression: string): Query =>
  (refId) =>
    ask(refId, expression, '').instant().format(PromQueryFormat.Table)

/** Rows of the dashboard's time; Grafana replaces its macros (`$__timeFilter(column)` and others) before it asks. */
export const rows =
  (sql: string): Query =>
  (refId) =>
    sqlQuery(refId, 'table', sql)

/** The same over time: the column `time`, and one series for each further column. */
export const rowsOverTime =
  (sql: string): Query =>
  (refId) =>
    sqlQuery(refId, 'time_series', sql)

function sqlQuery(refId: string, format: 'table' | 'time_series', sql: string): Builder<Dataquery> {
  const query = {
    refId,
    datasource: postgres,
    editorMode: 'code',
    format,
    rawQuery: true,
    rawSql: unindent(sql),
    _implementsDataqueryVariant() {},
  }
  return { build: () => query }
}

function unindent(text: string): string {
  const [first = ''] = /^ +/m.exec(text) ?? []
  return text.replaceAll(`\n${first}`, '\n').trim()
}
