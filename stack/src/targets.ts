// The configuration of Prometheus as it is in the repository, with this machine's addresses in its address files.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** Writes Prometheus' directory anew; returns its configuration file. */
export async function writePrometheus({ dataDir, ports, prometheusSource }: Config): Promise<string> {
  const directory = join(dataDir, 'prometheus/config')
  const targets = {
    'ingest-service': ports.OPERATIONS_PORT,
    canary: ports.CANARY_PORT,
    collector: ports.COLLECTOR_METRICS_PORT,
    'widget-spans': ports.COLLECTOR_SPAN_METRICS_PORT,
    prometheus: ports.PROMETHEUS_PORT,
    alertmanager: ports.ALERTMANAGER_PORT,
  }
  await rm(directory, { recursive: true, force: true })
  await cp(join(prometheusSource, 'rules'), join(directory, 'rules'), { recursive: true })
  await cp(join(prometheusSource, 'prometheus.yml'), join(directory, 'prometheus.yml'))
  await mkdir(join(directory, 'targets'))
  for (const [job, port] of Object.entries(targets))
    await writeFile(join(directory, `targets/${job}.json`), JSON.stringify([{ targets: [`127.0.0.1:${port}`] }]))
  return join(directory, 'prometheus.yml')
}
