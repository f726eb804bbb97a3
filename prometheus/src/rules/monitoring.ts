import { readable } from '../readable.ts'
import { type Family, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const { NotificationsFailing, RuleEvaluationsFailing } = thresholds

export const monitoring: Family = {
  name: 'monitoring',
  about:
    'Whether alerting itself works. What it cannot say of itself the dead man says, who no longer hears the watchdog.',
  rules: [
    ticket('NotificationsFailing', {
      expr: `
        sum by (integration) (increase(alertmanager_notifications_failed_total[${NotificationsFailing.window}])) > 0
        or
        sum by (alertmanager) (increase(prometheus_notifications_errors_total[${NotificationsFailing.window}])) > 0
        or
        sum by (job) (increase(prometheus_notifications_dropped_total[${NotificationsFailing.window}])) > 0`,
      summary: 'Alerts do not reach who they are for.',
      description: `{{ $value | printf "%.0f" }} notifications {{ with $labels.integration }}by {{ . }} {{ end }}failed in the last ${readable(NotificationsFailing.window)}.`,
      dashboard: 'pipeline',
    }),
    ticket('RuleEvaluationsFailing', {
      expr: `sum by (job) (increase(prometheus_rule_evaluation_failures_total[${RuleEvaluationsFailing.window}])) > 0`,
      summary: 'Rules cannot be evaluated.',
      description: `{{ $value | printf "%.0f" }} evaluations failed in the last ${readable(RuleEvaluationsFailing.window)}. The alerts of those rules are silent, whatever happens.`,
      dashboard: 'pipeline',
    }),
    ticket('ConfigurationReloadFailed', {
      expr: 'prometheus_config_last_reload_successful == 0 or alertmanager_config_last_reload_successful == 0',
      summary: 'A new configuration was not taken.',
      description: '{{ $labels.job }} goes on with the one before, and would not start with this one.',
      dashboard: 'pipeline',
    }),
  ],
}
