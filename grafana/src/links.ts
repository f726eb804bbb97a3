// The ways out of a panel: to a trace, to a tenant's own dashboard, to a runbook.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { type DashboardLink, DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import { runbookUrl } from 'contract/runbooks'

/** The variable that holds where ingest-service's operations port is reached from a browser. */
export const operationsVariable = 'operations'
export const tenantUid = 'leadlight-tenant'
export const tenantVariable = 'tenant'

const fieldLink = (title: string, url: string) => ({ id: 'links', value: [{ title, url, targetBlank: false }] })

/** From a trace's id to whatever shows it in this installation; the operations port knows which trace store there is. */
export const traceLink = fieldLink('Open the trace', `\${${operationsVariable}}/trace/\${__value.raw}`)

/** From a row that has a `tenant_id` to that tenant's dashboard, over the same time. */
export const tenantLink = fieldLink(
  'Open this tenant',
  `/d/${tenantUid}?var-${tenantVariable}=\${__data.fields.tenant_id}&\${__url_time_range}`,
)

/** From an alert's name to its runbook. */
export const alertLink = fieldLink(
  'Open the runbook',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable
  runbookUrl('${__value.raw}'),
)

/** From a panel's corner to the runbook of an alert. */
export const runbookLink = (alert: string): Builder<DashboardLink> =>
  new DashboardLinkBuilder(`Runbook: ${alert}`).type(DashboardLinkType.Link).url(runbookUrl(alert)).targetBlank(true)

/** From each dashboard to the others, over the same time. */
export const otherDashboards = new DashboardLinkBuilder('Leadlight')
  .type(DashboardLinkType.Dashboards)
  .tags(['leadlight'])
  .asDropdown(true)
  .keepTime(true)
