// Brings what a caller hands over into what the contract takes, so that one odd value never costs a lead.
import { contacts, errorSources, triggers } from 'contract/choices'
import type { EventProperties, EventType } from 'contract/events'
import { maxAmount, maxDurationMs } from 'contract/limits'
import { type Operation, operations } from 'contract/spans'
import { slug } from './page.ts'
import { scrubText } from './scrub.ts'

/** The value as it may travel, or undefined when it is left out. */
type Check<Value> = (value: unknown) => Value | undefined

/** What callers give; the rest is filled in. */
type Given = Omit<EventProperties, 'widget_loaded' | 'message_sent'> & {
  widget_loaded: object
  message_sent: Omit<EventProperties['message_sent'], 'position'>
}
type Checks = { [T in keyof Given]: { [P in keyof Required<Given[T]>]: Check<Given[T][P]> } }

const oneOf =
  <const V>(values: readonly V[]): Check<V> =>
  (value) =>
    values.find((known) => known === value)

/** Longer than ten minutes says no more than ten minutes. */
export const duration: Check<number> = (value) =>
  Number.isFinite(value) ? Math.min(Math.max(Math.round(value as number), 0), maxDurationMs) : undefined
const amount: Check<number> = (value) =>
  (value as number) >= 0 && (value as number) <= maxAmount ? Number(value) : undefined
const currency: Check<string> = (value) =>
  Intl.supportedValuesOf?.('currency').includes(value as string) ? (value as string) : undefined

export const operation: Check<Operation> = oneOf(operations)

const checks: Checks = {
  // measured, not given
  widget_loaded: {},
  widget_opened: { trigger: oneOf(triggers), after_ms: duration },
  message_sent: { response_ms: duration },
  estimate_generated: { duration_ms: duration, amount, currency },
  lead_captured: { contact: (value) => oneOf(contacts)(value) ?? 'other' },
  quote_requested: { service: slug, amount, currency },
  widget_error: {
    error_type: (value) => scrubText(value, 64) || 'Error',
    message: (value) => scrubText(value) || undefined,
    source: oneOf(errorSources),
    operation,
    fatal: oneOf([true, false]),
  },
}

/** The properties this type may carry, each in its range; all others are left out. Undefined for an unknown type. */
export function cleanProperties(type: EventType, given: Record<string, unknown>): Record<string, unknown> | undefined {
  if (!Object.hasOwn(checks, type)) return
  const clean: Record<string, unknown> = {}
  for (const [name, check] of Object.entries<Check<unknown>>(checks[type])) clean[name] = check(plain(given[name]))
  return clean
}

/** No property of the contract is an object, and objects and symbols may throw when they are read as text or number. */
const plain = (value: unknown) => (/string|number|boolean/.test(typeof value) ? value : undefined)
