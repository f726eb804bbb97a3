// What the operator asks across tenants: who is used how much, and whose lead a trace belongs to.
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type pg from 'pg'
import { answer, cell, columns, withJson } from './run.ts'
import { listTenants } from './tenants.ts'

const days = 7

/** Adds the commands to the program. */
export function overviewCommands(program: Command): void {
  withJson(
    program.command('overview').description(`all tenants with their loads and leads of the last ${days} days`),
  ).action((options) =>
    answer(options, async ({ db, as }) => {
      const tenants = await overview(db, as('leadlight_dashboards'))
      return [tenants, table(tenants)]
    }),
  )

  withJson(program.command('find-lead').description('the leads that a trace belongs to'))
    .argument('<trace>', 'trace id', readTraceId)
    .action((traceId, options) =>
      answer(options, async ({ as }) => {
        const leads = await findLeads(as('leadlight_dashboards'), traceId)
        const shown = leads.map((lead) => columns({ ...lead, trace: `/trace/${traceId} on the operations port` }))
        return [leads, shown.join('\n\n') || `No lead that is held belongs to ${traceId}`]
      }),
    )
}

type Overview = {
  tenant_id: string
  name: string
  disabled: boolean
  loads: number
  leads: number
  quotes: number
  errors: number
  /** The hour of the last event of those days. */
  last_hour: string | null
}

/** Through the views that Grafana reads too. */
async function overview(db: pg.Pool, dashboards: pg.Pool): Promise<Overview[]> {
  const { rows } = await dashboards.query<Omit<Overview, 'name' | 'disabled' | 'last_hour'> & { last_hour: Date }>(
    `select
       tenant_id,
       coalesce(sum(events) filter (where type = 'widget_loaded'), 0)::int as loads,
       coalesce(sum(events) filter (where type = 'lead_captured'), 0)::int as leads,
       coalesce(sum(events) filter (where type = 'quote_requested'), 0)::int as quotes,
       coalesce(sum(events) filter (where type = 'widget_error'), 0)::int as errors,
       max(hour) as last_hour
     from dashboards.events_hourly
     where hour > now() - make_interval(days => ${days})
     group by tenant_id`,
  )
  const counted = new Map(rows.map((row) => [row.tenant_id, row]))
  const tenants = (await listTenants(db)).filter(({ is_canary }) => !is_canary)
  return tenants.map(({ tenant_id, name, disabled_at }) => {
    const { loads = 0, leads = 0, quotes = 0, errors = 0, last_hour } = counted.get(tenant_id) ?? {}
    const disabled = disabled_at !== null
    return { tenant_id, name, disabled, loads, leads, quotes, errors, last_hour: last_hour?.toISOString() ?? null }
  })
}

function table(tenants: Overview[]): string {
  if (tenants.length === 0) return 'No tenants yet: `leadlight tenant add` makes one'
  const head = ['tenant', 'loads', 'leads', 'quotes', 'errors', 'last hour with events', 'name']
  const rows = tenants.map((each) => [
    each.tenant_id,
    ...[each.loads, each.leads, each.quotes, each.errors].map(String),
    each.disabled ? 'disabled' : (each.last_hour ?? `none in ${days} days`),
    cell(each.name),
  ])
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  const isNumber = (i: number): boolean => i >= 1 && i <= 4
  return [head, ...rows]
    .map((row) => row.map((text, i) => (isNumber(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

type FoundLead = {
  tenant_id: string
  tenant_name: string
  event_id: string
  type: string
  occurred_at: Date
  page: string
}

async function findLeads(dashboards: pg.Pool, traceId: string): Promise<FoundLead[]> {
  const { rows } = await dashboards.query<FoundLead>(
    `select tenant_id, tenant_name, event_id, type, occurred_at, page from dashboards.leads
     where trace_id = $1
     order by occurred_at`,
    [traceId],
  )
  return rows
}

function readTraceId(text: string): string {
  // Tempo's list of found traces leaves out leading zeros; more than six happen to nobody, and are an id cut short
  const id = text.toLowerCase().replace(/^[0-9a-f]{26,31}$/, (short) => short.padStart(32, '0'))
  if (!/^[0-9a-f]{32}$/.test(id)) throw new InvalidArgumentError('A trace id has 32 hex digits')
  return id
}
