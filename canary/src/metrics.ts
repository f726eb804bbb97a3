// What the canary exports: when each check last succeeded, how long the visit took to get there, and what it noticed on the way.
import { type CanaryCheck, type canaryMetrics, canaryOutcomes } from 'contract/metrics'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

type Name = keyof typeof canaryMetrics
export type Metrics = ReturnType<typeof createMetrics>

/** `startedMs` stands for the last success of a check that never succeeded, so that a canary just started is not taken for one that fails. */
export function createMetrics(checks: readonly CanaryCheck[], startedMs: number) {
  const registers = [new Registry()]
  const registry = registers[0] as Registry
  collectDefaultMetrics({ register: registry })
  const labelled = (name: Name, help: string) => new Gauge({ name, help, labelNames: ['check'], registers })
  const gauge = (name: Name, help: string) => new Gauge({ name, help, registers })
  const metrics = {
    registry,
    lastSuccess: labelled(
      'leadlight_canary_last_success_timestamp_seconds',
      "When the check last succeeded; the canary's start until it has",
    ),
    delay: labelled('leadlight_canary_delay_seconds', 'From the visit to its being found, at the last success'),
    checks: new Counter({
      name: 'leadlight_canary_checks_total' satisfies Name,
      help: 'Checks made, by outcome',
      labelNames: ['check', 'outcome'],
      registers,
    }),
    clockSkew: gauge('leadlight_canary_clock_skew_seconds', "The server's clock minus the canary's"),
    certificateExpiry: gauge(
      'leadlight_canary_certificate_expiry_timestamp_seconds',
      'When the certificate that visitors are shown ends; 0 without one',
    ),
  }
  for (const check of checks) {
    metrics.lastSuccess.set({ check }, startedMs / 1_000)
    for (const outcome of canaryOutcomes) metrics.checks.inc({ check, outcome }, 0)
  }
  return metrics
}
