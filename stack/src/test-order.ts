// Which test files run beside which, by what they need of the processors that they share.

/** They wait most of the time and need a fifth of a processor or less: beside all others, the longest first. */
export const patient = [
  'e2e/test/alerting.test.ts',
  'e2e/test/visit.test.ts',
  'e2e/test/hostile.test.ts',
  'e2e/test/away.test.ts',
  'alertmanager/test/delivery.test.ts',
  'prometheus/test/scrape.test.ts',
  'grafana/test/promql.test.ts',
  'ingest-service/test/erasure-log.test.ts',
  'collector/test/quiet.test.ts',
]

/** They judge how long something takes: when the patient ones are done. */
export const timed = [
  'e2e/test/portal-use.test.ts',
  'e2e/test/contention.test.ts',
  'e2e/test/disk-full.test.ts',
  'e2e/test/cuts.test.ts',
  'ingest-service/test/server.test.ts',
  'ingest-service/test/retention.test.ts',
  'canary/test/canary.test.ts',
]

export type Order = { patient: string[]; others: string[]; timed: string[] }

export function order(files: string[]): Order {
  const listed = (list: string[]) => list.filter((file) => files.includes(file))
  const others = files.filter((file) => !patient.includes(file) && !timed.includes(file))
  return { patient: listed(patient), others, timed: listed(timed) }
}
