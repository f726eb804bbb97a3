// The table of processes: what each needs, how it is got, started and stopped, and how it shows that it answers.
import { canary } from './canary.ts'
import type { Config } from './config.ts'
import { alerts, demo, ingestService, postgres } from './core.ts'
import type { DemoTenant } from './demo-tenant.ts'
import type { PortName } from './ports.ts'
import { type Cluster, databaseUrl } from './postgres.ts'
import { alertmanager, collector, grafana, jaeger, prometheus, tempo } from './signals.ts'
import type { Runnable } from './supervisor.ts'

export type Process = Runnable & {
  /** The core answers within seconds; the rest may have to be built first. */
  core: boolean
  /** Those that have to answer before this one is started. */
  needs: string[]
  ports: PortName[]
  /** Where a person looks at it. */
  address?: string
  /** Once, before the first start. */
  prepare(): Promise<void>
}

export type Stack = Config & {
  say(line: string): void
  progress(line: string): void
  signal: AbortSignal
  /** Known once they have been prepared. */
  bundles?: Promise<void>
  cluster?: Cluster
  tenant?: DemoTenant
}

/** The database's address, once there is one. */
export function stackUrl({ databaseUrl: given, cluster, ports }: Stack): string | undefined {
  return given ?? (cluster && databaseUrl(cluster, ports.POSTGRES_PORT))
}

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
