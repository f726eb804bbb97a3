// Whatever a tenant is called and visitors send stays text: in queries, in links, and in what panels make of it.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Grafana's variables

import { fillPromql, fillSql } from 'grafana/macros'
import { inGroups, payloads } from 'stack/payloads'
import { query } from 'stack/postgres'
import { cloneDatabase } from 'stack/test-database'
import t from 'tap'
import { dashboards, type Link, panelsOf, type Target } from './files.ts'

/** Those of Grafana's panels that show values as text, on a canvas or through React, and never as HTML. */
const textPanels = ['timeseries', 'stat', 'bargauge', 'table', 'state-timeline']
/** Of a table's cells: neither HTML and Markdown nor images, which would fetch what a value names. */
const textCells = [undefined, 'auto', 'color-text', 'color-background', 'gauge']

const panels = Object.entries(dashboards).flatMap(([name, dashboard]) =>
  panelsOf(dashboard).map((panel) => ({ ...panel, where: `${name}: ${panel.title}` })),
)
const time = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000), intervalSeconds: 900 }
const tenant = '019abc00-0000-7000-8000-00000000000a'

t.test('the corpus is large, and its texts differ', async (t) => {
  t.ok(payloads.length >= 200, `${payloads.length} payloads`)
})

t.test('only panels and cells that show values as text are used', async (t) => {
  for (const { where, type, fieldConfig, options } of panels) {
    t.ok(textPanels.includes(type), `${where}: ${type}`)
    const cells = [
      fieldConfig?.defaults.custom,
      ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) => properties),
    ]
    for (const cell of cells as any[]) {
      const cellType = cell?.cellOptions?.type ?? (cell?.id === 'custom.cellOptions' ? cell.value.type : undefined)
      t.ok(textCells.includes(cellType), `${where}: ${cellType}`)
    }
    t.notMatch(JSON.stringify({ fieldConfig, options }), /"(mode|id)":"(html|markdown|code)"/i)
  }
})

t.test('nothing that Grafana renders as Markdown holds a variable', async (t) => {
  for (const { panels, title, description, templating, annotations } of Object.values(dashboards)) {
    const texts = [title, description, ...panels.flatMap(({ title, description = '' }) => [title, description])]
    for (const text of texts) t.notMatch(text, /\$|\[\[/)
    for (const variable of templating.list) t.notMatch(`${(variable as { description?: string }).description}`, /\$/)
    // of what annotations name, the version is our own service's
    for (const annotation of annotations.list)
      t.strictSame(
        [...JSON.stringify(annotation).matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label),
        ['version'],
      )
  }
})

t.test('a variable is a quoted string in every query, whatever it holds', async (t) => {
  const targets = panels.flatMap(({ targets = [] }) => targets)
  const sql = targets.flatMap(({ rawSql }) => (rawSql?.includes('{tenant') ? rawSql : []))
  const promql = targets.flatMap(({ expr }) => (expr?.includes('{tenant') ? expr : []))
  t.ok(sql.length && promql.length)
  // what is left without the strings is the same for every value
  const fill = (value: string) => {
    const context = { ...time, variables: { tenant: value } }
    return [
      ...sql.map((each) => fillSql(each, context).replace(/'(''|[^'])*'/g, '')),
      ...promql.map((each) => fillPromql(each, context).replace(/"(\\.|[^"\\])*"/g, '')),
    ]
  }
  const harmless = fill(tenant)
  // a test's name cannot hold them as they are
  for (const payload of payloads) t.strictSame(fill(payload), harmless, encodeURIComponent(payload))
  // Grafana would replace its macros within a value too: only the ids that the list offers are taken
  for (const { templating } of Object.values(dashboards))
    for (const variable of templating.list.filter(({ name }) => name === 'tenant'))
      t.match(variable, { allowCustomValue: false, multi: false, includeAll: false })
})

t.test('what a visitor or tenant wrote arrives as it was written, and changes no link', async (t) => {
  const { superuserUrl } = await cloneDatabase(t)
  const shown = new Map<string, Set<string>>()
  // panels have at most so many rows
  for (const some of inGroups(20)) {
    await plant(superuserUrl, some)
    for (const { where, targets = [], fieldConfig } of panels)
      for (const target of targets) {
        const rows = await ask(superuserUrl, target)
        for (const row of rows) {
          for (const [column, value] of Object.entries(row))
            if (typeof value === 'string' && some.includes(value))
              shown.set(value, (shown.get(value) ?? new Set()).add(`${where} ${column}`))
          for (const { column, url } of linksOf(fieldConfig))
            if (row[column] !== undefined)
              t.match(
                fillLink(url, row, column),
                /^(\/d\/[\w-]+\?var-tenant=[0-9a-f-]{36}&time|\/operations\/trace\/(null|[0-9a-f]{32})$)/,
                where,
              )
        }
      }
  }
  t.strictSame(
    payloads.filter((payload) => !shown.has(payload)),
    [],
  )
  const places = new Set([...shown.values()].flatMap((each) => [...each]))
  t.ok(places.has('funnel: By tenant Tenant') && places.has('funnel: Leads and quotes Page'))
  t.ok(places.has('widget-health: Errors reported Error') && places.has('widget-health: By version Version'))
})

/** In place of all there was: a tenant, a visit, a load, a lead and an error for each payload, past everything that would clean it. */
async function plant(url: string, some: string[]) {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
  await query(
    url,
    `set standard_conforming_strings = on;
     delete from leadlight.quarter_hours; delete from leadlight.events; delete from leadlight.sessions; delete from leadlight.tenants;
     create temporary table payload as select text, uuidv7() as tenant_id, uuidv7() as session_id from unnest(array[${some.map(literal)}]) as text;
     insert into leadlight.tenants (tenant_id, name, time_zone) select tenant_id, text, 'UTC' from payload;
     insert into leadlight.sessions (tenant_id, session_id, loaded_at, opened_at, lead_at, error_at, device, source, page)
     select tenant_id, session_id, now(), now(), now(), now(), text, text, text from payload;
     insert into leadlight.events (tenant_id, id, session_id, occurred_at, type, trace_id, page, widget_version, properties)
     select tenant_id, uuidv7(), session_id, now(), type::leadlight.event_type, gen_random_uuid(), text, text,
       jsonb_build_object('load_ms', 1000, 'device', text, 'error_type', text, 'source', text, 'operation', text)
     from payload, unnest(array['widget_loaded', 'lead_captured', 'widget_error']) as type;
     insert into leadlight.quarter_hours
     select (jsonb_populate_record(null::leadlight.quarter_hours, (
       select jsonb_object_agg(column_name, 0) from information_schema.columns where table_name = 'quarter_hours' and table_schema = 'leadlight' and column_name not in ('tenant_id', 'quarter')
     ) || jsonb_build_object('tenant_id', tenant_id, 'quarter', leadlight.quarter_of(now())))).* from payload`,
  )
}

async function ask(url: string, { rawSql }: Target): Promise<Record<string, unknown>[]> {
  if (!rawSql) return []
  const sql = fillSql(rawSql.replaceAll('tenant_id = ${tenant:sqlstring}', 'true'), { ...time, variables: {} })
  const answer = (await query(url, `set role leadlight_dashboards; ${sql}`)) as any
  return answer.at(-1).rows
}

const linksOf = (fieldConfig: (typeof panels)[number]['fieldConfig']) =>
  (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
    properties
      .filter(({ id }) => id === 'links')
      .flatMap(({ value }) => (value as Link[]).map(({ url }) => ({ column: matcher.options, url }))),
  )

const fillLink = (url: string, row: Record<string, unknown>, column: string) =>
  url
    .replace('${operations}', '/operations')
    .replace('${__url_time_range}', 'time')
    .replace('${__value.raw}', `${row[column]}`)
    .replace(/\$\{__data\.fields\.(\w+)\}/, (_, field) => `${row[field]}`)
