import { names } from '../case.ts'

const NotificationsFailing = names('NotificationsFailing')
const RuleEvaluationsFailing = names('RuleEvaluationsFailing')
const ConfigurationReloadFailed = names('ConfigurationReloadFailed')

const failed = 'alertmanager_notifications_failed_total{job="alertmanager", integration="webhook"}'
const errors =
  'prometheus_notifications_errors_total{job="prometheus", alertmanager="http://alertmanager/api/v2/alerts"}'
const dropped = 'prometheus_notifications_dropped_total{job="prometheus"}'
const evaluations = 'prometheus_rule_evaluation_failures_total{job="prometheus", rule_group="rules/widget.yml;widget"}'
const reload = (job: string) => `${job}_config_last_reload_successful{job="${job}"}`

export const monitoring = [
  NotificationsFailing.fires(
    'a receiver that refuses is a ticket',
    '1m',
    { [failed]: '0x5 1+1x20 21x30' },
    { '5m': 0, '7m': 1, '40m': 0 },
  ),
  NotificationsFailing.fires(
    'an Alertmanager that refuses, and alerts that were dropped, are one each',
    '1m',
    { [errors]: '0x5 5x20', [dropped]: '0x5 5x20' },
    { '7m': 2 },
  ),
  NotificationsFailing.below('failures of long ago are silent', '1m', { [failed]: '7x60' }, '60m'),
  NotificationsFailing.gap(
    'an Alertmanager that is away is silent; the dead man is not',
    '1m',
    { [failed]: '7x5 _x40' },
    '45m',
  ),
  NotificationsFailing.reset('a restart is silent', '1m', { [failed]: '7x20 0x40' }, '60m'),

  RuleEvaluationsFailing.fires(
    'one evaluation that fails is a ticket',
    '1m',
    { [evaluations]: '0x5 1x30' },
    { '5m': 0, '7m': 1, '30m': 0 },
  ),
  RuleEvaluationsFailing.below('failures of long ago are silent', '1m', { [evaluations]: '3x60' }, '60m'),
  RuleEvaluationsFailing.gap('a gap is silent', '1m', { [evaluations]: '3x5 _x30 3x10' }, '45m'),
  RuleEvaluationsFailing.reset('a restart is silent', '1m', { [evaluations]: '3x20 0x40' }, '60m'),

  ConfigurationReloadFailed.fires(
    'a configuration that was not taken is a ticket after a minute',
    '10s',
    { [reload('prometheus')]: '1x5 0x20', [reload('alertmanager')]: '1x25' },
    { '1m50s': 0, '2m': 1 },
  ),
  ConfigurationReloadFailed.fires(
    "and Alertmanager's too",
    '10s',
    { [reload('prometheus')]: '1x25', [reload('alertmanager')]: '1x5 0x20' },
    { '2m': 1 },
  ),
  ConfigurationReloadFailed.below('50 s are silent', '10s', { [reload('prometheus')]: '1x5 0x4 1x20' }, '5m'),
  ConfigurationReloadFailed.gap('one that is away is silent', '10s', { [reload('alertmanager')]: '1x5 _x30' }, '6m'),
  ConfigurationReloadFailed.reset(
    'a start that took it is silent',
    '10s',
    { [reload('prometheus')]: '1x5 _x5 1x20' },
    '5m',
  ),
]
