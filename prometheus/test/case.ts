// One case of one alert: series as promtool writes them, and how many alerts fire when.
import { families } from 'prometheus/families'
import { write } from 'prometheus/rule'
import { stringify } from 'yaml'

/** What a case shows: it fires; it is silent just below; a gap or absence; a counter that begins anew; hardly any traffic. */
export const kinds = ['fires', 'below', 'gap', 'reset', 'low'] as const
export type Kind = (typeof kinds)[number]

export type Case = {
  alert: string
  kind: Kind
  sentence: string
  /** Between two values of the series, and between two evaluations. */
  every: '10s' | '30s' | '1m' | '4m'
  series: Record<string, string>
  /** How many alerts of this name fire, by time; a time alone: never one until then. */
  firing: Record<string, number> | string
}

export const names = (alert: string) => {
  const make =
    (kind: Kind) =>
    (sentence: string, every: Case['every'], series: Case['series'], firing: Case['firing']): Case => ({
      alert,
      kind,
      sentence,
      every,
      series,
      firing,
    })
  return { fires: make('fires'), below: make('below'), gap: make('gap'), reset: make('reset'), low: make('low') }
}

export const titleOf = ({ alert, kind, sentence }: Case) => `${alert} (${kind}): ${sentence}`

/** The rules that decide one alert: itself and what it needs recorded. Of all rules a long test would take minutes. */
export function rulesOf(alert: string): string {
  const family = familyOf(alert)
  if (!family) throw new Error(`there is no alert ${alert}`)
  const needed = family.rules.filter((rule) => 'alert' in rule && rule.alert === alert)
  const recorded = family.rules.filter((rule) => 'record' in rule)
  const isNeeded = ({ record }: { record: string }) => needed.some(({ expr }) => new RegExp(`${record}\\b`).test(expr))
  return write({ ...family, rules: [...recorded.filter(isNeeded), ...needed] })
}

/** The cases of one alert as a file for `promtool test rules`. */
export function promtoolFile(rulesFile: string, every: Case['every'], cases: Case[]): string {
  // the same series are played once for all who ask something of them
  const tests = [...Map.groupBy(cases, ({ series }) => JSON.stringify(series)).values()].map((same) => ({
    name: same.map(titleOf).join('; '),
    interval: every,
    input_series: Object.entries(same[0]?.series ?? {}).map(([series, values]) => ({ series, values })),
    promql_expr_test: same.flatMap(expectations),
  }))
  return stringify({ rule_files: [rulesFile], evaluation_interval: every, tests }, { lineWidth: 0 })
}

function expectations({ alert, firing }: Case) {
  const series = `ALERTS{alertname="${alert}", alertstate="firing", severity="${severityOf(alert)}"}`
  if (typeof firing === 'string')
    return [{ expr: `max_over_time(${series}[${firing}])`, eval_time: firing, exp_samples: [] }]
  return Object.entries(firing).map(([time, alerts]) => ({
    expr: `count(${series})`,
    eval_time: time,
    exp_samples: alerts ? [{ labels: '{}', value: alerts }] : [],
  }))
}

const familyOf = (alert: string) =>
  families.find(({ rules }) => rules.some((rule) => 'alert' in rule && rule.alert === alert))

function severityOf(alert: string): string {
  for (const rule of familyOf(alert)?.rules ?? [])
    if ('alert' in rule && rule.alert === alert) return rule.labels.severity
  throw new Error(`there is no alert ${alert}`)
}
