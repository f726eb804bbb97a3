// All rules there are, one file of them each.
import type { Family } from './rule.ts'
import { availability } from './rules/availability.ts'
import { budgets } from './rules/budgets.ts'
import { canary } from './rules/canary.ts'
import { collector } from './rules/collector.ts'
import { dashboards } from './rules/dashboards.ts'
import { ingest } from './rules/ingest.ts'
import { monitoring } from './rules/monitoring.ts'
import { objectiveRules } from './rules/objectives.ts'
import { store } from './rules/store.ts'
import { tenants } from './rules/tenants.ts'
import { widget } from './rules/widget.ts'

export const families: Family[] = [
  availability,
  canary,
  objectiveRules,
  budgets,
  ingest,
  store,
  collector,
  widget,
  tenants,
  monitoring,
  dashboards,
]
