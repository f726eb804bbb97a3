import { eventTypes, immediateTypes, leadTypes } from 'contract/events'
import fc from 'fast-check'
import t from 'tap'
import { byteLength, fitting, isImmediate, type Waiting } from '../src/queue.ts'
import { createRateLimit } from '../src/rate-limit.ts'

const waitingFor = (texts: string[]): Waiting[] => texts.map((text) => ({ event: { text } as never }))

t.test('a batch is the longest run that fits, counted in bytes of UTF-8', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' })),
      fc.nat(2_000),
      fc.integer({ min: 1, max: 20 }),
      (texts, spareBytes, maxEvents) => {
        const waiting = waitingFor(texts)
        const envelope = { site_key: 'pk_ü' }
        const bytesOf = (batch: Waiting[]) =>
          Buffer.byteLength(JSON.stringify({ ...envelope, events: batch.map(({ event }) => event) }))
        const maxBytes = bytesOf([]) + spareBytes
        const batch = fitting(waiting, maxBytes - bytesOf([]), maxEvents)
        const longer = waiting.slice(0, batch.length + 1)
        return (
          batch.every((entry, index) => entry === waiting[index]) &&
          (bytesOf(batch) <= maxBytes || !batch.length) &&
          batch.length <= maxEvents &&
          (longer.length === batch.length || longer.length > maxEvents || bytesOf(longer) > maxBytes)
        )
      },
    ),
  )
})

t.test('one emoji weighs what it weighs on the wire', async (t) => {
  t.equal(byteLength({ event: '🏠' as never }), 6)
  t.equal(fitting(waitingFor(['🏠', '🏠']), 30, 9).length, 1)
  t.equal(fitting(waitingFor(['🏠', '🏠']), 31, 9).length, 2)
})

t.test('immediate are the types that the contract calls so', async (t) => {
  t.same(
    eventTypes.filter((type) => isImmediate({ type } as never)),
    eventTypes.filter((type) => immediateTypes.some((one) => one === type)),
  )
})

t.test('of a flood only leads and quotes pass', async (t) => {
  // a tenth of a second would let another one pass
  t.intercept(performance, 'now', { value: () => 1_000 })
  const allows = createRateLimit()
  for (let index = 0; index < 200; index++) allows('message_sent')
  t.same(
    eventTypes.filter((type) => allows(type)),
    leadTypes,
  )
})
