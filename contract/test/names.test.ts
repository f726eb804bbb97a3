// SQL, YAML and JSON cannot import the contract, so here every name they use is looked up in it.
import { eventTypes } from 'contract/events'
import { jobs, recordedMetrics, severities } from 'contract/metrics'
import t from 'tap'
import { parse } from 'yaml'
import { wrongInCollector } from './collector-names.ts'
import { labelsIn, type Query, wrongNames } from './names.ts'
import { allQueries, files, queriesIn, queriesOfPage, read } from './queries.ts'

type Rule = { record?: string; alert?: string; expr: string; annotations?: Record<string, string> }
const rules: Rule[] = files('prometheus/rules/*.yml')
  .flatMap((file) => parse(read(file)).groups as { rules: Rule[] }[])
  .flatMap((group) => group.rules)

t.test('every query uses names of the contract only', async (t) => {
  const queries = allQueries()
  for (const place of ['prometheus/rules/', 'grafana/dashboards/', 'runbooks/', 'ingest-service/'])
    t.ok(
      queries.some(({ where }) => where.startsWith(place)),
      `queries of ${place} are found`,
    )
  t.strictSame(queries.flatMap(wrongNames), [])
})

t.test('what the rules record is what the contract lists', async (t) => {
  const recorded = new Set(rules.flatMap(({ record }) => record ?? []))
  t.strictSame([...recorded].sort(), Object.keys(recordedMetrics).sort())
})

t.test('the texts of alerts mention labels that their expressions have', async (t) => {
  for (const { alert, expr, annotations = {} } of rules) {
    const mentioned = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
    const known = labelsIn(expr)
    t.strictSame(
      mentioned.filter((label) => !known.has(label)),
      [],
      `${alert}`,
    )
  }
})

t.test('the scrape jobs are those of the contract', async (t) => {
  const { scrape_configs } = parse(read('prometheus/prometheus.yml'))
  t.strictSame(
    scrape_configs.map(({ job_name }: { job_name: string }) => job_name),
    jobs,
  )
})

t.test('the collector and the contract spell the same names and limits', async (t) => {
  t.strictSame(wrongInCollector(read('collector/config.yaml')), [])
})

t.test('Alertmanager routes by severities and alerts that there are', async (t) => {
  const matchers = [...read('alertmanager/alertmanager.yml').matchAll(/(severity|alertname)=~?"([^"]*)"/g)]
  const known: Record<string, readonly string[]> = {
    severity: severities,
    alertname: rules.flatMap(({ alert }) => alert ?? []),
  }
  t.ok(matchers.length)
  // each word of a choice must be somebody's name
  const words = matchers.flatMap(([, label = '', value = '']) =>
    value.split(/\|(?![^(]*\))/).map((word) => [label, word] as const),
  )
  t.strictSame(
    words.filter(([label, word]) => !known[label]?.some((name) => new RegExp(`^(${word})$`).test(name))),
    [],
  )
})

t.test('the database knows the event types of the contract', async (t) => {
  const types = /create type leadlight\.event_type as enum \(([^)]*)\)/.exec(
    files('ingest-service/migrations/*.sql').map(read).join('\n'),
  )?.[1]
  t.strictSame(
    [...(types ?? '').matchAll(/'(\w+)'/g)].map(([, type]) => type),
    eventTypes,
  )
})

t.test('a wrong name is caught wherever it is planted', async (t) => {
  const planted: [string, Query[]][] = [
    [
      'metric widget_span_call_total',
      queriesIn('x', { groups: [{ rules: [{ expr: 'rate(widget_span_call_total[5m])' }] }] }),
    ],
    ['metric widget_span_duration_seconds', queriesIn('x', { targets: [{ expr: 'widget_span_duration_seconds' }] })],
    [
      'label tenant_id of widget_span_duration_seconds_count',
      queriesIn('x', [{ expr: 'widget_span_duration_seconds_count{tenant_id="a"}' }]),
    ],
    ['label tenant_id', queriesIn('x', { expr: 'sum by (tenant_id) (widget_span_duration_seconds_count)' })],
    ['status_code ERROR', queriesIn('x', { expr: 'widget_span_calls_total{status_code="ERROR"}' })],
    ['span_name api_cal', queriesIn('x', { expr: 'widget_span_calls_total{span_name=~"api_cal|widget_loaded"}' })],
    [
      'estimate_widget_operation send',
      queriesIn('x', { expr: 'widget_span_calls_total{estimate_widget_operation!="send"}' }),
    ],
    ['outcome failed', queriesIn('x', { expr: 'leadlight_http_requests_total{outcome="failed"}' })],
    ['reason bots', queriesIn('x', { expr: 'leadlight_events_ignored_total{reason="bots"}' })],
    ['job ingest', queriesIn('x', { expr: 'absent(up{job="ingest"})' })],
    ['metric up_', queriesOfPage('x', 'Look at\n\n```promql\nup_\n```\n')],
    [
      'event type lead',
      queriesIn('x', { rawSql: "select 1 from dashboards.leads where type in ('lead', 'lead_captured')" }),
    ],
    ['span api_cal', queriesIn('x', { queryType: 'traceql', query: '{ name = "api_cal" }' })],
    ['attribute tenant', queriesOfPage('x', '```traceql\n{ span.tenant = "a" }\n```\n')],
  ]
  for (const [name, queries] of planted) t.strictSame(queries.flatMap(wrongNames), [`x: ${name}`])
  t.throws(() => wrongNames({ where: 'x', language: 'promql', text: 'sum(up' }), 'and so is what does not parse')

  const config = read('collector/config.yaml')
  for (const [right, wrong] of [
    ['|widget_error|api_call)', '|widget_error|api_cal)'],
    ['|request_quote|other)', '|other)'],
    ['span.attributes["error.type"]', 'span.attributes["error.kind"]'],
    ['metadata.x-tenant-id', 'metadata.x-tenant'],
    ['dimensions: [{name: estimate_widget.operation}]', 'dimensions: [{name: widget.operation}]'],
    ['600000000000', '60000000000'],
  ] as const)
    t.not(wrongInCollector(config.replace(right, wrong)).length, 0, wrong)
})
