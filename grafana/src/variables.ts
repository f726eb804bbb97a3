// What a person chooses at the top of a dashboard.
import {
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { operationsVariable, tenantVariable } from './links.ts'
import { postgres } from './sources.ts'

/** One tenant: its name is shown, its id is asked for. */
export const tenant = new QueryVariableBuilder(tenantVariable)
  .label('Tenant')
  .datasource(postgres)
  .query(
    'select tenant_name as __text, tenant_id::text as __value from dashboards.tenants order by tenant_name, tenant_id',
  )
  .refresh(VariableRefresh.OnDashboardLoad)
  .sort(VariableSort.Disabled)
  .multi(false)
  .includeAll(false)
  .allowCustomValue(false)

const operationsUrl = 'http://127.0.0.1:8081'
export const operations = new TextBoxVariableBuilder(operationsVariable)
  .label('Operations port')
  .description('Where your browser reaches the operations port of ingest-service: links to traces lead over it.')
  .defaultValue(operationsUrl)
  .current({ selected: true, text: operationsUrl, value: operationsUrl })
