// The table of processes: which there are, and in which order.
import { canary } from './canary.ts'
import { alerts, demo, ingestService, postgres } from './core.ts'
import type { Process, Stack } from './process.ts'
import { alertmanager, collector, grafana, jaeger, prometheus, tempo } from './signals.ts'

/** In the order in which they are started; they are stopped in the reverse one. */
export function listProcesses(stack: Stack): Process[] {
  const traces = stack.tempoBin ? tempo(stack, stack.tempoBin) : jaeger(stack)
  return [
    ...(stack.databaseUrl ? [] : [postgres(stack)]),
    traces,
    collector(stack),
    ingestService(stack),
    alerts(stack),
    demo(stack),
    alertmanager(stack),
    prometheus(stack),
    canary(stack),
    ...(stack.grafanaHome ? [grafana(stack, stack.grafanaHome)] : []),
  ]
}
