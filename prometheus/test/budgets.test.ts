// The budget that is left, against numbers counted by hand.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toolPath } from 'stack/tools'
import t from 'tap'
import { stringify } from 'yaml'

const rules = (name: string) => fileURLToPath(new URL(`../rules/${name}.yml`, import.meta.url))
const left = 'objective:leadlight_error_budget_left:ratio'

t.test('one failure in 2,000 uses half of the budget, none uses none, two in 1,000 use twice of it', async (t) => {
  const of = (failed: number) => ({
    interval: '5m',
    input_series: [
      { series: 'route:leadlight_http_requests:increase1h{route="events"}', values: '2000x60' },
      { series: 'route:leadlight_http_requests_failed:increase1h{route="events"}', values: `${failed}x60` },
    ],
    promql_expr_test: [
      {
        expr: `round(${left}{objective="EventsAvailability"}, 0.001)`,
        eval_time: '5h',
        exp_samples: [{ labels: '{objective="EventsAvailability"}', value: 1 - failed / 2 }],
      },
      { expr: `${left}{objective="SpansAvailability"}`, eval_time: '5h', exp_samples: [] },
    ],
  })
  const file = `${t.testdir()}/budgets.yml`
  writeFileSync(
    file,
    stringify({ rule_files: [rules('budgets')], evaluation_interval: '5m', tests: [of(1), of(0), of(4)] }),
  )
  await t.resolves(promisify(execFile)(await toolPath('promtool'), ['test', 'rules', file]))
})
