// How a panel asks: Prometheus with exemplars, PostgreSQL through the views.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'

export const dataSources = {
  prometheus: { type: 'prometheus', uid: 'prometheus' },
  postgres: { type: 'grafana-postgresql-datasource', uid: 'postgres' },
  traces: { type: 'tempo', uid: 'traces' },
} as const

/** A series over time, with the exemplars that lead to traces where there are any. */
export function series(refId: string, legend: string, expression: string) {
  const query = new DataqueryBuilder().refId(refId).legendFormat(legend).expr(expression).range()
  return query.datasource(dataSources.prometheus).exemplar(expression.includes('_bucket'))
}

/** Rows of the dashboard's time range; `$__timeFilter(column)` stands for it. */
export function rows(sql: string): Builder<Dataquery> {
  const query = {
    refId: 'A',
    datasource: dataSources.postgres,
    editorMode: 'code',
    format: 'table',
    rawQuery: true,
    rawSql: sql.trim().replace(/\n */g, '\n'),
    _implementsDataqueryVariant() {},
  }
  return { build: () => query }
}

/** Where a click on a field that holds a trace id leads. */
export function traceLink() {
  const query = { refId: 'A', datasource: dataSources.traces, queryType: 'traceql', query: 'TRACE' }
  const panes = {
    trace: { datasource: dataSources.traces.uid, queries: [query], range: { from: 'now-14d', to: 'now' } },
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable, which it finds only when it is not encoded
  const encoded = encodeURIComponent(JSON.stringify(panes)).replace('TRACE', '${__value.raw}')
  return { title: 'Open the trace', url: `/explore?schemaVersion=1&orgId=1&panes=${encoded}`, targetBlank: false }
}
