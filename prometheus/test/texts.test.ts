// What an alert says when it fires, as Prometheus renders it.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { toolPath } from 'stack/tools'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { rulesOf } from './case.ts'

const promtool = await toolPath('promtool')
const expected = 'leadlight_expected'
const runbook = (alert: string) => `https://github.com/leadlight/leadlight/blob/main/runbooks/${alert}.md`

type Said = { alert: string; at: string; series: Record<string, string>; labels: object; annotations: object }

async function says(t: Test, { alert, at, series, labels, annotations }: Said) {
  const directory = t.testdir({ 'rules.yml': rulesOf(alert) })
  const test = {
    interval: '10s',
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    alert_rule_test: [
      {
        eval_time: at,
        alertname: alert,
        exp_alerts: [{ exp_labels: labels, exp_annotations: { ...annotations, runbook_url: runbook(alert) } }],
      },
    ],
  }
  writeFileSync(
    `${directory}/test.yml`,
    stringify({ rule_files: ['rules.yml'], evaluation_interval: '10s', tests: [test] }),
  )
  const failure = await promisify(execFile)(promtool, ['test', 'rules', `${directory}/test.yml`]).then(
    () => '',
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  )
  t.equal(failure, '', alert)
}

t.test('a page names what an hour without us costs, as an estimate, also when the service is gone', async (t) => {
  const labels = { severity: 'critical', job: 'ingest-service' }
  const fixed = {
    summary: 'No ingest-service answers.',
    description:
      'Prometheus has reached no ingest-service for 20 s. Events wait in the browsers, and those of visitors who do not come back are lost.',
    dashboard: 'ingest',
  }
  await says(t, {
    alert: 'IngestDown',
    at: '5m',
    series: {
      'up{job="ingest-service", instance="a"}': '1x5 0x60',
      [`${expected}_hourly_visitors{instance="a"}`]: '119.6x5 stale',
      [`${expected}_hourly_leads{instance="a"}`]: '4.5x5 stale',
      [`${expected}_tenants{instance="a"}`]: '7.25x5 stale',
    },
    labels,
    annotations: {
      ...fixed,
      lost: 'Estimated from the same hours of past weeks: 120 visitors an hour with 4.5 leads, of 7 tenants.',
    },
  })
  await says(t, {
    alert: 'IngestDown',
    at: '5m',
    series: {
      'up{job="ingest-service", instance="a"}': '1x5 0x60',
      [`${expected}_hourly_visitors{instance="a"}`]: '0x60',
    },
    labels,
    annotations: { ...fixed, lost: '' },
  })
})

t.test('a share is told in percent, a duration in words, and the part by its name', async (t) => {
  await says(t, {
    alert: 'CollectorQueueFilling',
    at: '5m',
    series: {
      'otelcol_exporter_queue_size{exporter="otlp_http/store"}': '71x60',
      'otelcol_exporter_queue_capacity{exporter="otlp_http/store"}': '100x60',
    },
    labels: { severity: 'critical', exporter: 'otlp_http/store' },
    annotations: {
      summary: "The collector's queue is filling.",
      description: '71% of it is used: otlp_http/store takes less than comes in. When it is full, spans are lost.',
      dashboard: 'pipeline',
    },
  })
  await says(t, {
    alert: 'CanaryFailing',
    at: '5m',
    series: { 'leadlight_canary_last_success_timestamp_seconds{check="row"}': '0x60' },
    labels: { severity: 'critical', check: 'row' },
    annotations: {
      summary: 'The synthetic visitor does not get through.',
      description: 'Its stored event was not found for 5m 0s. What happens to it happens to visitors.',
      lost: '',
      dashboard: 'pipeline',
    },
  })
})
