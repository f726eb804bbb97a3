// All dashboards there are, by the name of their file.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { alerts } from './alerts.ts'
import { funnel } from './funnel.ts'
import { ingest } from './ingest.ts'
import { pipeline } from './pipeline.ts'
import { tenant } from './tenant.ts'
import { widgetHealth } from './widget-health.ts'

export const dashboards: Record<string, Dashboard> = {
  'widget-health': widgetHealth,
  funnel,
  tenant,
  ingest,
  pipeline,
  alerts,
}
