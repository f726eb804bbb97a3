// The part that a page loads when it is idle, or earlier when it is needed: OpenTelemetry, the queues that earlier pages
// left behind, and every answer of the service but a plain yes. It works on the first part's state, which it is given.
import { adoptQueues } from './adoption.ts'
import type { Core, Later } from './core.ts'
import { mirrorQueue } from './mirror.ts'
import { openTracing } from './otel.ts'
import { createSettlement } from './settlement.ts'

export function openLater(core: Core, mayStore: () => boolean): Later {
  adoptQueues(core, mirrorQueue(core, mayStore))
  return { settle: createSettlement(core), flush: openTracing(core) }
}
