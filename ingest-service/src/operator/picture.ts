// What the operator's page shows: each part is asked by itself, so that one that is away costs its own lines only.
import { type CanaryCheck, canaryChecks } from 'contract/metrics'
import type { Health } from '../health.ts'
import type { Metrics } from '../metrics.ts'
import { type FiringAlert, openAlertmanager } from './alertmanager.ts'

export type Surroundings = {
  prometheusUrl: string | undefined
  alertmanagerUrl: string | undefined
  /** The canary's own port. */
  canaryUrl: string | undefined
  collectorUrl: string
  tracesUrl: string | undefined
  grafanaUrl: string | undefined
}

/** Whether a part answers; undefined when this service does not know where it is. */
export type Part = { name: string; answers: boolean | undefined; detail?: string }
/** An answer, or why there is none. */
export type Told<T> = { value: T } | { problem: string }

export type Picture = {
  at: Date
  parts: Part[]
  alerts: Told<FiringAlert[]>
  /** Seconds since the last success, by check. */
  canary: Told<{ check: CanaryCheck; seconds: number }[]>
  /** Share of each objective's budget that is left. */
  budgets: Told<{ objective: string; left: number }[]>
  /** Share of the collector's queue that is used. */
  queue: Told<number | undefined>
  /** What this process itself holds, whoever else is away. */
  own: Own
}

export type Own = {
  ready: string | null
  waitingRows: number
  futurePartitions: number
  retentionSeconds: number | undefined
  rollupLagSeconds: number
  tenantsExpected: number
  tenantsSilent: string[]
}

const askMs = 2_500

export async function takePicture(
  surroundings: Surroundings,
  { metrics, health }: { metrics: Metrics; health: Health },
  now: Date,
): Promise<Picture> {
  const { prometheusUrl, alertmanagerUrl, canaryUrl, collectorUrl, tracesUrl, grafanaUrl } = surroundings
  const own = await readOwn(metrics, health, now)
  const ask = <T>(url: string | undefined, name: string, question: (url: string) => Promise<T>): Promise<Told<T>> =>
    url
      ? question(url).then(
          (value) => ({ value }),
          () => ({ problem: `${name} does not answer` }),
        )
      : Promise.resolve({ problem: `${name} is not known here` })
  const [alerts, canary, budgets, queue, ...probes] = await Promise.all([
    ask(alertmanagerUrl, 'Alertmanager', (url) => openAlertmanager(url, askMs).list()),
    ask(canaryUrl, 'The canary', (url) => readCanary(url, now)),
    ask(prometheusUrl, 'Prometheus', readBudgets),
    ask(prometheusUrl, 'Prometheus', readQueue),
    probe('Collector', collectorUrl),
    probe('Trace store', tracesUrl),
    probe('Prometheus', prometheusUrl && `${prometheusUrl}/-/ready`, true),
    probe('Alertmanager', alertmanagerUrl && `${alertmanagerUrl}/-/ready`, true),
    probe('Canary', canaryUrl && `${canaryUrl}/health`, true),
    probe('Grafana', grafanaUrl && `${grafanaUrl}/api/health`),
  ])
  const service: Part = { name: 'ingest-service', answers: own.ready === null, detail: own.ready ?? 'ready' }
  return { at: now, parts: [service, ...probes], alerts, canary, budgets, queue, own }
}

/** Any answer will do unless it has to be a good one. */
async function probe(name: string, url: string | undefined, ok = false): Promise<Part> {
  if (!url) return { name, answers: undefined }
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(askMs), redirect: 'manual' })
    await response.body?.cancel()
    return { name, answers: ok ? response.ok : true }
  } catch {
    return { name, answers: false }
  }
}

async function query(prometheusUrl: string, text: string) {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(text)}`, {
    signal: AbortSignal.timeout(askMs),
  })
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
}

const readBudgets = async (url: string) =>
  (await query(url, 'objective:leadlight_error_budget_left:ratio')).map(({ metric, value }) => ({
    objective: metric.objective ?? '',
    left: value,
  }))

const readQueue = async (url: string) =>
  (await query(url, 'max(otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)'))[0]?.value

async function readCanary(url: string, now: Date) {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(askMs) })).text()
  return canaryChecks.flatMap((check) => {
    const at = new RegExp(`^leadlight_canary_last_success_timestamp_seconds\\{check="${check}"\\} (\\S+)$`, 'm').exec(
      text,
    )
    return at ? [{ check, seconds: Math.max(0, now.getTime() / 1_000 - Number(at[1])) }] : []
  })
}

async function readOwn(metrics: Metrics, health: Health, now: Date): Promise<Own> {
  const values = new Map((await metrics.registry.getMetricsAsJSON()).map(({ name, values }) => [name, values]))
  const first = (name: string): number => Number(values.get(name)?.[0]?.value ?? 0)
  const retentionAt = first('leadlight_retention_last_success_timestamp_seconds')
  return {
    ready: health.problem(),
    waitingRows: first('leadlight_writer_queue_rows'),
    futurePartitions: first('leadlight_future_partitions'),
    retentionSeconds: retentionAt ? now.getTime() / 1_000 - retentionAt : undefined,
    rollupLagSeconds: first('leadlight_rollup_lag_seconds'),
    tenantsExpected: first('leadlight_tenants_expected'),
    tenantsSilent: (values.get('leadlight_tenant_silent') ?? [])
      .filter(({ value }) => value === 1)
      .map(({ labels }) => String(labels.tenant_id)),
  }
}
