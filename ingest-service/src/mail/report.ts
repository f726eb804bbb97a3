// What a week was like for one tenant: the numbers that its mail is made of.
import type { Numbers, Step } from 'contract/analytics'
import type pg from 'pg'
import { countFunnel } from '../analytics/funnel.ts'
import { countLeads } from '../analytics/leads.ts'
import { type Range, todayIn } from '../analytics/range.ts'
import { splitDays } from '../analytics/segments.ts'
import { summarise } from '../analytics/summary.ts'
import { asTenant } from '../database.ts'

export type Report = {
  tenantId: string
  name: string
  /** Monday to Sunday. */
  week: Range
  numbers: Numbers
  /** Of the week before; null when nothing at all came in then. */
  before: Numbers | null
  steps: Step[]
  leads: number
  leadsWithErrors: number
}

export type Recipient = { tenantId: string; name: string; timeZone: string }

/** `monday` is an ISO date. */
export function makeReport(reader: pg.Pool, { tenantId, name, timeZone }: Recipient, monday: string): Promise<Report> {
  const week = { from: monday, to: addDays(monday, 6) }
  return asTenant(reader, tenantId, async (client) => {
    const before = await summarise(client, { from: addDays(monday, -7), to: addDays(monday, -1) }, timeZone, {})
    const { total, with_errors } = await countLeads(client, await splitDays(client, week, timeZone), {})
    return {
      tenantId,
      name,
      week,
      numbers: await summarise(client, week, timeZone, {}),
      before: before.widget_views + before.sessions > 0 ? before : null,
      steps: await countFunnel(client, week, timeZone, {}),
      leads: total,
      leadsWithErrors: with_errors,
    }
  })
}

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** The Monday of the last week that is over. */
export function lastMonday(timeZone: string, now: Date): string {
  const today = todayIn(timeZone, now)
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7
  return addDays(today, -sinceMonday - 7)
}
