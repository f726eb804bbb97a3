// What a process of the stack is, and what all of them know of each other.
import type { Config } from './config.ts'
import type { PortName } from './ports.ts'
import { type Cluster, databaseUrl } from './postgres.ts'
import type { Runnable } from './supervisor.ts'
import type { StackTenant } from './tenant.ts'

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
  tenant?: StackTenant
}

/** The database's address, once there is one. */
export function stackUrl({ databaseUrl: given, cluster, ports }: Stack): string | undefined {
  return given ?? (cluster && databaseUrl(cluster, ports.POSTGRES_PORT))
}
