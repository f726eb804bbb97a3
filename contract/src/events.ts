// The seven event types with the closed list of properties each may carry. The schema is the type.
import Type, { type Static } from 'typebox'
import { contacts, devices, errorSources, triggers } from './choices.ts'
import { maxAmount, maxDurationMs, maxErrorTypeLength, maxPosition } from './limits.ts'
import { oneOf } from './one-of.ts'
import { operations } from './spans.ts'

const milliseconds = Type.Number({ minimum: 0, maximum: maxDurationMs })
const amount = Type.Number({ minimum: 0, maximum: maxAmount })
/** Codes of ISO 4217 that `Intl` leaves out: funds, units of account, metals, and Venezuela's second one. */
const moreCurrencies =
  'BOV CHE CHW CLF COU MXV USN UYI UYW VED XAD XAG XAU XBA XBB XBC XBD XPD XPT XSU XTS XUA XXX'.split(' ')
const currency = Type.Unsafe<string>({
  type: 'string',
  enum: [...new Set([...Intl.supportedValuesOf('currency'), ...moreCurrencies])],
})
const slug = Type.String({ pattern: '^[a-z0-9_-]{1,64}$' })
const hostName = Type.String({
  maxLength: 253,
  pattern: '^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
})

const closed = { additionalProperties: false } as const

/** What each type of event may carry; no other properties are accepted. */
export const eventProperties = {
  widget_loaded: Type.Object(
    {
      load_ms: milliseconds,
      device: Type.Optional(oneOf(devices)),
      referrer_host: Type.Optional(hostName),
      utm_source: Type.Optional(slug),
      utm_medium: Type.Optional(slug),
      utm_campaign: Type.Optional(slug),
    },
    closed,
  ),
  widget_opened: Type.Object(
    { trigger: Type.Optional(oneOf(triggers)), after_ms: Type.Optional(milliseconds) },
    closed,
  ),
  message_sent: Type.Object(
    { position: Type.Integer({ minimum: 1, maximum: maxPosition }), response_ms: Type.Optional(milliseconds) },
    closed,
  ),
  estimate_generated: Type.Object(
    { duration_ms: milliseconds, amount: Type.Optional(amount), currency: Type.Optional(currency) },
    closed,
  ),
  lead_captured: Type.Object({ contact: oneOf(contacts) }, closed),
  quote_requested: Type.Object(
    { service: Type.Optional(slug), amount: Type.Optional(amount), currency: Type.Optional(currency) },
    closed,
  ),
  widget_error: Type.Object(
    {
      error_type: Type.String({ minLength: 1, maxLength: maxErrorTypeLength }),
      // no maximum here: a longer message is cut, not refused
      message: Type.Optional(Type.String()),
      source: Type.Optional(oneOf(errorSources)),
      operation: Type.Optional(oneOf(operations)),
      fatal: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
}

export type EventType = keyof typeof eventProperties
export type EventProperties = { [T in EventType]: Static<(typeof eventProperties)[T]> }

export const eventTypes = Object.keys(eventProperties) as EventType[]

/** Types that are sent at once, with everything that waits, instead of with the next batch. */
export const immediateTypes = [
  'lead_captured',
  'quote_requested',
  'widget_error',
] as const satisfies readonly EventType[]

/** The funnel's steps in order; a session is at step k when it has all of steps 1…k. */
export const funnelTypes = [
  'widget_loaded',
  'widget_opened',
  'message_sent',
  'estimate_generated',
  'lead_captured',
  'quote_requested',
] as const satisfies readonly EventType[]

/** What a contractor calls back for. */
export const leadTypes = ['lead_captured', 'quote_requested'] as const satisfies readonly EventType[]
