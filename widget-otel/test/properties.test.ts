import { type EventType, eventProperties, eventTypes } from 'contract/events'
import { operations } from 'contract/spans'
import fc from 'fast-check'
import t from 'tap'
import { Check } from 'typebox/value'
import { cleanProperties, operation } from '../src/properties.ts'

/** As an event travels: what is undefined is left out. */
const clean = (type: EventType, given: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(cleanProperties(type, given) ?? null))

t.test('good properties pass as they are', async (t) => {
  const cases: [EventType, Record<string, unknown>][] = [
    ['widget_opened', { trigger: 'auto', after_ms: 12 }],
    ['message_sent', { response_ms: 0 }],
    ['estimate_generated', { duration_ms: 600_000, amount: 12_000.5, currency: 'EUR' }],
    ['lead_captured', { contact: 'phone' }],
    ['quote_requested', { service: 'roof-repair', amount: 0, currency: 'USD' }],
    [
      'widget_error',
      { error_type: 'TypeError', message: 'no', source: 'render', operation: 'create_estimate', fatal: false },
    ],
  ]
  for (const [type, given] of cases) t.same(clean(type, given), given, type)
})

t.test('odd properties are mended or left out, and cost no event', async (t) => {
  t.same(clean('estimate_generated', { duration_ms: 1e9, amount: -1, currency: 'dollars', name: 'Jo' }), {
    duration_ms: 600_000,
  })
  t.same(clean('widget_opened', { trigger: 'gaze', after_ms: Number.NaN }), {})
  t.same(clean('lead_captured', { contact: 'fax', email: 'jo@example.com' }), { contact: 'other' })
  t.same(clean('widget_error', {}), { error_type: 'Error' })
  t.same(clean('widget_error', { error_type: 'x'.repeat(99), message: 7 }), {
    error_type: 'x'.repeat(64),
    message: '7',
  })
  const unreadable = { toString: {} }
  t.same(clean('widget_error', { error_type: unreadable, message: Symbol('no text') }), { error_type: 'Error' })
  t.same(clean('quote_requested', { service: unreadable, amount: unreadable }), {})
  t.equal(clean('constructor' as EventType, {}), null, 'a type that is none')
})

t.test('whatever is given, what comes out is what the contract takes', async () => {
  // filled in by the page view, not given
  const filledIn: Partial<Record<EventType, object>> = { widget_loaded: { load_ms: 1 }, message_sent: { position: 1 } }
  for (const type of eventTypes) {
    const names = Object.keys(eventProperties[type].properties)
    const given = fc.record({
      ...Object.fromEntries(
        names.map((name) => [
          name,
          fc.oneof(
            fc.anything({ withBigInt: true }),
            fc.constant(Symbol('any')),
            fc.string(),
            fc.double(),
            fc.constantFrom('other', 'usd', 'EUR'),
          ),
        ]),
      ),
      ...(type === 'estimate_generated' && { duration_ms: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    })
    fc.assert(
      fc.property(given, (properties) =>
        Check(eventProperties[type], { ...clean(type, properties as never), ...filledIn[type] }),
      ),
    )
  }
})

t.test('the operations are the contract’s', async (t) => {
  t.same(operations.map(operation), operations)
})
