import t from 'tap'
import { shiftUuid7, uuid7Ms } from '../src/uuid7.ts'
import { expectTelemetry, hide, lead, startSite, stopClock, until, verdict } from './site.ts'

const site = await startSite(t)
t.beforeEach(async () => {
  await site.reset()
  site.options = '{}'
})

t.test('with a wrong clock all ids are put right, once; the next page goes on with the right time', async (t) => {
  const yearMs = 365 * 86_400_000
  const context = await site.visitor(t)
  await stopClock(context, yearMs)
  const page = await site.open(t, context)
  const outOfTime = (id: string) => Math.abs(uuid7Ms(id) - Date.now()) > 86_400_000
  site.answer = ({ events }) =>
    events.some(({ id }) => outOfTime(id))
      ? verdict({
          rejected: events.map(({ id }, index) => ({ index, id, reason: 'id_time_out_of_range', detail: '' })),
        })
      : undefined
  const events = await expectTelemetry(t, site, {
    action: () => page.evaluate(lead),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  t.equal(site.batches.length, 2)
  const byMs =
    uuid7Ms(String(events[0]?.id)) -
    uuid7Ms(String(site.batches[0]?.events.find(({ type }) => type === 'widget_loaded')?.id))
  t.same(
    site.batches[0]?.events.map(({ id, session_id }) => [shiftUuid7(id, byMs), shiftUuid7(session_id, byMs)]),
    site.batches[1]?.events.map(({ id, session_id }) => [id, session_id]),
    'ids and sessions moved by the same time, their random bits kept',
  )
  t.ok(Math.abs(Date.parse(String(site.batches[1]?.sent_at)) - Date.now()) < 60_000)
  await page.goto(`${site.origin}/second`)
  await expectTelemetry(t, site, {
    action: () => page.evaluate(lead),
    events: [{ type: 'widget_loaded' }, { type: 'lead_captured' }],
  })
  t.equal(site.batches.length, 3)
  t.equal(new Set([...site.stored.values()].map((event) => event.session_id)).size, 1)
})

t.test('a wrong clock is put right once when two batches are on their way', async (t) => {
  const context = await site.visitor(t)
  await stopClock(context, 30 * 86_400_000)
  const page = await site.open(t, context)
  site.answer = ({ events }) =>
    site.batches.length < 3
      ? verdict({
          rejected: events.map(({ id }, index) => ({ index, id, reason: 'id_time_out_of_range', detail: '' })),
        })
      : undefined
  await page.evaluate(() => {
    for (let index = 0; index < 40; index++) telemetry.messageSent()
  })
  await hide(page)
  await until(
    () => site.stored.size === 41,
    () => '41 events',
  )
  t.ok([...site.stored.keys()].every((id) => Math.abs(uuid7Ms(id) - Date.now()) < 60_000))
  t.notOk(site.batches.some(({ dropped }) => dropped))
})

t.test('with a right clock an event out of time has expired', async (t) => {
  const page = await site.open(t, await site.visitor(t))
  site.answer = ({ events }) =>
    site.batches.length === 1
      ? verdict({ rejected: [{ index: 0, id: events[0]?.id, reason: 'id_time_out_of_range', detail: '' }] })
      : undefined
  await page.evaluate(lead)
  await page.waitForFunction(() => Object.values(localStorage).some((queue) => JSON.parse(queue).lost?.expired === 1))
  t.pass()
})
