// Spans and events of a visit in words.
import type { JourneyEvent, JourneySpan } from 'contract/analytics'
import type { EventType } from 'contract/events'
import { apiCallSpan, attributes, serviceName } from 'contract/spans'
import { describeFailure, nameOperation } from './failure.ts'
import { formatWait } from './format.ts'
import { type Key, locale, say } from './messages.ts'
import { contactNames } from './wording.ts'

const eventNames: Record<EventType, Key> = {
  widget_loaded: 'eventLoaded',
  widget_opened: 'eventOpened',
  message_sent: 'eventMessage',
  estimate_generated: 'eventEstimate',
  lead_captured: 'eventLead',
  quote_requested: 'eventQuote',
  widget_error: 'eventError',
}

export const nameEvent = ({ type }: JourneyEvent): string => say(eventNames[type])

/** What an event says beside its name. */
export function detailEvent({ type, page, properties }: JourneyEvent, durationMs: number | null): string {
  const text = (name: string): string | null => (typeof properties[name] === 'string' ? properties[name] : null)
  const number = (name: string): number | null => (typeof properties[name] === 'number' ? properties[name] : null)
  const waitedMs = number('load_ms') ?? number('response_ms') ?? number('duration_ms') ?? durationMs
  const parts = [
    type === 'widget_loaded' && page ? say('onPage', { page }) : null,
    type === 'lead_captured' ? contactOf(text('contact')) : null,
    type === 'quote_requested' ? text('service') : null,
    formatMoney(number('amount'), text('currency')),
    type === 'widget_error'
      ? describeFailure({ type: text('error_type') ?? '', source: text('source'), operation: text('operation') })
      : null,
    type === 'widget_error' ? text('message') : null,
    waitedMs === null || type === 'widget_error' ? null : say('took', { time: formatWait(waitedMs) }),
  ]
  return parts.filter(Boolean).join(' · ')
}

const contactOf = (contact: string | null): string | null => {
  const key = contact ? contactNames.get(contact) : undefined
  return key ? say(key) : null
}

function formatMoney(amount: number | null, currency: string | null): string | null {
  if (amount === null) return null
  if (!currency) return new Intl.NumberFormat(locale).format(amount)
  return new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount)
}

/** Requests by what they were for; a server's span by its own name. */
export function nameSpan({ name, attributes: given }: JourneySpan): string {
  const operation = given[attributes.operation]
  return name === apiCallSpan ? say('spanCall', { operation: nameOperation(operation) }) : name
}

export const nameService = ({ service }: JourneySpan): string => (service === serviceName ? say('inBrowser') : service)

export function outcomeOf({ status, attributes: given }: JourneySpan): string {
  if (status !== 'error') return say('fine')
  const reason = given[attributes.statusCode] ?? given[attributes.errorType]
  return reason === undefined ? say('failed') : say('failedWith', { reason: String(reason) })
}
