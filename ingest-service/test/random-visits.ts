// Visits as they come in: cut into batches, late, repeated, out of order, and by clocks that are off.
import fc from 'fast-check'
import { uuid7 } from 'stack/uuid7'

const minute = 60_000
const hour = 60 * minute

type Event = { id: string; type: string; session_id: string; page?: string; properties?: object }
export type Batch = { events: Event[]; sentAtMs: number }

const milliseconds = fc.integer({ min: 0, max: 200_000 }).map((tenths) => tenths / 10)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const stepsOf = {
  widget_loaded: fc.record({
    load_ms: milliseconds,
    device: optional(fc.constantFrom('phone', 'desktop')),
    utm_source: optional(fc.constantFrom('google', 'flyer')),
  }),
  widget_opened: fc.record({ trigger: optional(fc.constant('click')) }),
  message_sent: fc.record({ position: fc.constant(1), response_ms: optional(milliseconds) }),
  estimate_generated: fc.record({ duration_ms: milliseconds }),
  lead_captured: fc.record({ contact: fc.constantFrom('phone', 'form') }),
  quote_requested: fc.record({ service: optional(fc.constant('roofing')) }),
  widget_error: fc.record({
    error_type: fc.constantFrom('TypeError', 'RangeError'),
    source: optional(fc.constant('api')),
  }),
}
const step = fc.oneof(
  ...Object.entries(stepsOf).map(([type, properties]) =>
    fc.record({
      type: fc.constant(type),
      properties: properties.map((given) => JSON.parse(JSON.stringify(given)) as object),
      // most within the hour, some much later: over midnight, and into the next quarter hours
      afterMs: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 0, max: hour }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 23 * hour }) },
      ),
      /** Sent again, in a batch of its own. */
      isRepeated: fc.nat(9).map((n) => n === 0),
    }),
  ),
)

/** One visit that began in the `span` before `nowMs`, near one of the moments half of the time, as the batches it is sent in. */
const visit = (nowMs: number, spanMs: number, moments: number[]): fc.Arbitrary<Batch[]> =>
  fc
    .record({
      beganMs: fc.oneof(
        fc.integer({ min: nowMs - spanMs, max: nowMs }),
        ...moments.map((moment) => fc.integer({ min: moment - 40 * minute, max: moment + 40 * minute })),
      ),
      // a visitor's clock: right, or off by hours or days
      skewMs: fc.oneof(
        { weight: 8, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -48 * hour, max: 20 * hour }) },
      ),
      steps: fc.array(step, { minLength: 1, maxLength: 9 }),
      cuts: fc.array(fc.nat(9), { maxLength: 3 }),
      page: fc.constantFrom('/', '/roofing', undefined),
    })
    .map(({ beganMs, skewMs, steps, cuts, page }) => {
      const session_id = uuid7(beganMs)
      const events = steps.map(({ type, properties, afterMs }) => ({
        id: uuid7(beganMs + afterMs),
        type,
        session_id,
        ...(page && { page }),
        properties,
      }))
      const sentAtMs = nowMs + skewMs
      const ends = [...cuts.map((cut) => cut % events.length), events.length].sort((a, b) => a - b)
      const batches = ends.map((end, i) => ({ events: events.slice(ends[i - 1] ?? 0, end), sentAtMs }))
      const repeated = events.filter((_, i) => steps[i]!.isRepeated)
      return [...batches, { events: repeated, sentAtMs }].filter((batch) => batch.events.length > 0)
    })

/** The batches of many visits, in any order. */
export function randomBatches(
  seed: number,
  visits: number,
  nowMs: number,
  spanMs: number,
  moments: number[] = [],
): Batch[] {
  const made = fc.sample(visit(nowMs, spanMs, moments), { seed, numRuns: visits }).flat()
  const order = fc.sample(fc.nat(), { seed: seed + 1, numRuns: made.length })
  return made
    .map((batch, i) => ({ batch, at: order[i]! }))
    .sort((a, b) => a.at - b.at)
    .map(({ batch }) => batch)
}
