// What is counted of sessions, each number defined once: for the roll-up, and for questions that only the session table can answer.
import type { FunnelType } from 'contract/analytics'
import { funnelTypes } from 'contract/events'

/** The session column that holds the first time of each step. */
const reachedAt: Record<FunnelType, string> = {
  widget_loaded: 'loaded_at',
  widget_opened: 'opened_at',
  message_sent: 'message_at',
  estimate_generated: 'estimate_at',
  lead_captured: 'lead_at',
  quote_requested: 'quote_at',
}

const having = (...columns: string[]): string => `count(*) filter (where num_nulls(${columns}) = 0)::int`

/** Step k counts sessions that have all of the steps 1…k, in any order. */
const reached = Object.fromEntries(
  funnelTypes.map((type, k) => [
    `reached_${type}`,
    having(...funnelTypes.slice(0, k + 1).map((each) => reachedAt[each])),
  ]),
) as Record<`reached_${FunnelType}`, string>

/** Aggregates over rows of `leadlight.sessions`, by the column of `leadlight.quarter_hours` that holds them. */
export const sessionNumbers = {
  sessions: 'count(*)::int',
  failed: having('error_at'),
  opened: having('opened_at'),
  opened_estimate: having('opened_at', 'estimate_at'),
  opened_lead: having('opened_at', 'lead_at'),
  opened_quote: having('opened_at', 'quote_at'),
  conversations: 'count(*) filter (where messages > 0)::int',
  messages: 'coalesce(sum(messages), 0)::int',
  ...reached,
}
export type SessionNumber = keyof typeof sessionNumbers

/** The select list that counts them from sessions. */
export const countedSessions = (names: readonly SessionNumber[]): string =>
  names.map((name) => `${sessionNumbers[name]} as ${name}`).join(', ')
