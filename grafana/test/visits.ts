// Six visits to two tenants in one quarter hour, few enough to count by hand what every panel must say of them.
import type { Step, Visit } from './service.ts'

export const traces = { first: 'a'.repeat(32), second: 'b'.repeat(32), failing: 'c'.repeat(32) }

const loaded = (load_ms: number, device: string, from: object = {}): Step => ({
  type: 'widget_loaded',
  properties: { load_ms, device, ...from },
})
const opened: Step = { type: 'widget_opened', after: 1_000 }
const message = (position: number): Step => ({
  type: 'message_sent',
  after: 1_000 + position,
  properties: { position },
})
const estimate: Step = { type: 'estimate_generated', after: 3_000, properties: { duration_ms: 900 } }
const lead = (after: number): Step => ({ type: 'lead_captured', after, properties: { contact: 'phone' } })
const quote: Step = { type: 'quote_requested', after: 6_000, properties: {} }
const failure = (error_type: string, more: object): Step => ({
  type: 'widget_error',
  after: 7_000,
  properties: { error_type, ...more },
})
const google = { referrer_host: 'www.google.example' }

/** The visits of the quarter hour that begins at `start`. */
export function makeVisits(start: Date): Record<'Acme' | 'Bolt', Visit[]> {
  const at = (minute: number) => new Date(start.getTime() + minute * 60_000)
  return {
    Acme: [
      {
        at: at(1),
        page: '/roofing',
        version: '1.0.0',
        traceId: traces.first,
        steps: [loaded(1_000, 'phone', google), opened, message(1), message(2), estimate, lead(4_000), quote],
      },
      {
        at: at(2),
        page: '/roofing',
        version: '1.0.0',
        traceId: traces.second,
        steps: [loaded(2_000, 'phone', google), opened, message(1), estimate, lead(5_000)],
      },
      {
        at: at(3),
        page: '/',
        version: '1.1.0',
        traceId: traces.failing,
        steps: [
          loaded(3_000, 'desktop'),
          opened,
          failure('TypeError', { source: 'api', operation: 'create_estimate' }),
        ],
      },
      {
        at: at(4),
        page: '/',
        version: '1.1.0',
        steps: [
          loaded(5_000, 'desktop'),
          failure('RangeError', { source: 'render' }),
          failure('RangeError', { source: 'render' }),
        ],
      },
    ],
    Bolt: [
      {
        at: at(5),
        page: '/contact',
        version: '1.1.0',
        steps: [loaded(500, 'tablet', { utm_source: 'newsletter' }), opened, message(1)],
      },
      { at: at(6), page: '/', version: '1.0.0', steps: [loaded(800, 'phone', google)] },
    ],
  }
}
