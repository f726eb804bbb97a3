import { mock } from 'node:test'
import type { Batch, WireEvent } from 'contract/envelope'
import fc from 'fast-check'
import { dose } from 'stack/dose'
import t from 'tap'
import { adoptQueues } from '../src/adoption.ts'
import { clock } from '../src/clock.ts'
import type { Core } from '../src/core.ts'
import { createDelivery } from '../src/delivery.ts'
import { mirrorQueue } from '../src/mirror.ts'
import { createQueue, maxWaiting } from '../src/queue.ts'
import { createSession } from '../src/session.ts'
import { createSettlement } from '../src/settlement.ts'
import { newTrace } from '../src/trace.ts'
import { uuid7, uuid7At } from '../src/uuid7.ts'

// what a browser has and Node.js does not: a storage that outlives the page
class Storage {
  getItem = (key: string) => (Object.hasOwn(this, key) ? (this as never as Record<string, string>)[key] : null)
  setItem = (key: string, value: string) => void Object.assign(this, { [key]: value })
  removeItem = (key: string) => void Reflect.deleteProperty(this, key)
}

const faults = ['none', 'down', 'answer lost', 'busy', 'garbage', 'too large'] as const
type Fault = (typeof faults)[number]
type Step = { add: number } | { fault: Fault } | { passMs: number } | { leave: 'closed' | 'crashed' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ add: fc.integer({ min: 1, max: 150 }) }),
  fc.record({ fault: fc.constantFrom(...faults) }),
  fc.record({ passMs: fc.constantFrom(100, 5_000, 40_000, 600_000) }),
  fc.record({ leave: fc.constantFrom('closed' as const, 'crashed' as const) }),
)

/** The service: an event is there once, whatever comes how often; a report counts once. */
class Service {
  fault: Fault = 'none'
  stored = new Set<string>()
  reports = new Map<string, number>()
  answer = async (_url: string, { body }: { body: string }): Promise<Response> => {
    const { events, dropped }: Batch = JSON.parse(body)
    if (this.fault === 'down') throw new TypeError('Failed to fetch')
    if (this.fault === 'busy') return new Response('', { status: 503, headers: { 'retry-after': '7' } })
    if (this.fault === 'garbage') return new Response('<html>')
    if (this.fault === 'too large' && events.length > 7) return new Response('', { status: 413 })
    for (const { id } of events) this.stored.add(id)
    const given = Object.values(dropped?.counts ?? {}).reduce((sum: number, count) => sum + (count ?? 0), 0)
    if (dropped) this.reports.set(dropped.report_id, given)
    if (this.fault === 'answer lost') throw new TypeError('Failed to fetch')
    return Response.json({ rejected: [], server_time: new Date().toISOString() })
  }
}

t.test(
  'whatever fails in whatever order, each event is stored once or reported as given up, and the queue keeps its bound',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() })
    t.teardown(() => mock.timers.reset())
    const scenario = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const service = new Service()
      const localStorage = new Storage()
      Object.assign(globalThis, { window: { localStorage, sessionStorage: new Storage() } })
      for (const [name, value] of Object.entries({ localStorage, fetch: service.answer }))
        Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
      const made = new Set<string>()
      const openPage = () => {
        let isOpen = true
        const granted = () => isOpen
        const options = { siteKey: 'pk_test', endpoint: 'https://service.example' }
        const queue = createQueue('pk_test', granted)
        const log = () => undefined
        const delivery = createDelivery(queue, options, granted, async () => ({ settle, flush: async () => {} }), log)
        const session = createSession(granted)
        const core: Core = { options, clock, queue, delivery, session, heldSpans: [], rootSpan: newTrace(), log }
        const settle = createSettlement(core)
        adoptQueues(core, mirrorQueue(core, granted))
        return {
          queue,
          delivery,
          end(how: 'closed' | 'crashed') {
            if (how === 'closed') delivery.flush(true)
            if (how === 'closed') queue.keep(0)
            isOpen = false
          },
        }
      }
      const settleDown = () => new Promise((resolve) => setImmediate(resolve))
      const pass = async (ms: number) => {
        for (let left = ms; left > 0; left -= 20_000) {
          mock.timers.tick(Math.min(left, 20_000))
          for (let turn = 0; turn < 12; turn++) await settleDown()
        }
      }
      let page = openPage()
      for (const step of steps) {
        if ('add' in step)
          for (let index = 0; index < step.add; index++) {
            const id = uuid7()
            made.add(id)
            page.queue.add({
              id,
              type: 'message_sent',
              session_id: uuid7At(0),
              properties: { position: 1 },
            } as WireEvent)
            page.delivery.schedule()
          }
        else if ('fault' in step) service.fault = step.fault
        else if ('passMs' in step) await pass(step.passMs)
        else {
          page.end(step.leave)
          await settleDown()
          page = openPage()
        }
        if (page.queue.queued().length > maxWaiting) return false
      }
      service.fault = 'none'
      for (let round = 0; round < 40 && page.queue.queued().length + Object.keys(localStorage).length > 3; round++) {
        page.delivery.schedule()
        await pass(60_000)
      }
      page.delivery.flush()
      await pass(60_000)
      page.end('closed')
      const lost = [...service.reports.values()].reduce((sum, count) => sum + count, 0)
      const missing = [...made].filter((id) => !service.stored.has(id)).length
      return [...service.stored].every((id) => made.has(id)) && missing <= lost
    })
    await fc.assert(scenario, { numRuns: dose({ short: 30, long: 1_000 }) })
    t.pass()
  },
)
