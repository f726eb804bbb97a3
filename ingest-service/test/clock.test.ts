import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { occurredAtMs } from '../src/clock.ts'
import { batch, startService } from './service.ts'

const day = 86_400_000
const now = Date.parse('2026-11-23T10:00:00Z')

t.test('an event happened when its id says, corrected when the clocks are more than a minute apart', async (t) => {
  const cases: [string, id: number, sentAt: number, expected: number][] = [
    ['clocks agree', now - 10_000, now - 500, now - 10_000],
    ['off by 59 s is the network', now - 10_000, now - 59_000, now - 10_000],
    ['two years behind', now - 730 * day - 10_000, now - 730 * day, now - 10_000],
    ['an hour ahead', now + 3_600_000 - 10_000, now + 3_600_000, now - 10_000],
    ['never later than receipt', now + 30_000, now, now],
    ['never earlier than 7 days before', now - 8 * day, now, now - 7 * day],
  ]
  for (const [name, id, sentAt, expected] of cases) t.equal(occurredAtMs(id, sentAt, now), expected, name)
})

t.test("an id out of range is refused with the server's time, unless it is stored already", async (t) => {
  let offset = 0
  const { post, tenant, other } = await startService(t, { now: () => Date.now() + offset })
  const started = Date.now()
  const session_id = uuid7(started - 1_000)
  const event = { id: uuid7(started), type: 'widget_opened', session_id }
  const late = { id: uuid7(started - 8 * day), type: 'widget_opened', session_id }
  const early = { id: uuid7(started + 2 * day), type: 'widget_opened', session_id }
  const { body } = await post(batch(tenant.site_key, [event, late, early]))
  t.match(body, {
    accepted: 1,
    rejected: [
      { index: 1, reason: 'id_time_out_of_range' },
      { index: 2, reason: 'id_time_out_of_range' },
    ],
  })
  t.ok(Math.abs(Date.parse(body.server_time) - Date.now()) < 10_000)
  offset = 10 * day
  t.match((await post(batch(tenant.site_key, [event]))).body, { accepted: 0, duplicates: 1, rejected: [] })
  t.match(
    (await post(batch(other.site_key, [event]))).body,
    { duplicates: 0, rejected: [{ reason: 'id_time_out_of_range' }] },
    'what another tenant has stored tells nothing',
  )
})

t.test('an event belongs to a session that began before it and not a day ago', async (t) => {
  const { post, tenant } = await startService(t)
  const id = uuid7(Date.now())
  const ms = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
  const reasonWith = async (session_id: unknown) =>
    (await post(batch(tenant.site_key, [{ id, type: 'widget_opened', session_id }]))).body.rejected[0]?.reason
  t.equal(await reasonWith(uuid7(ms + 1)), 'invalid_session')
  t.equal(await reasonWith(uuid7(ms - day - 1)), 'invalid_session')
  t.equal(await reasonWith(crypto.randomUUID()), 'invalid_session')
  t.equal(await reasonWith(undefined), 'invalid_session')
  t.equal(await reasonWith(uuid7(ms - day)), undefined)
})
