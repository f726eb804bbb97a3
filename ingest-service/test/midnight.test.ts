import { uuid7 } from 'stack/uuid7'
import t from 'tap'
import { ensurePartitions } from '../src/partitions.ts'
import { batch, startService } from './service.ts'

const hour = 3_600_000
const day = 24 * hour

/** Moments at which a day, or the clock itself, changes somewhere. */
const boundaries = {
  'midnight in UTC': '2027-06-16T00:00:00Z',
  'the end of a month': '2027-03-01T00:00:00Z',
  'the end of February in a leap year': '2028-03-01T00:00:00Z',
  'the end of a year': '2028-01-01T00:00:00Z',
  'the hour that Vienna skips': '2027-03-28T01:00:00Z',
  'the hour that Vienna has twice': '2027-10-31T01:00:00Z',
  'the half hour that Lord Howe has twice': '2027-04-03T15:00:00Z',
  'midnight in Kolkata': '2027-06-15T18:30:00Z',
  'midnight in Kathmandu': '2027-06-15T18:15:00Z',
  'midnight on Kiritimati, the first in the world': '2027-06-15T10:00:00Z',
  'midnight on Niue, the last in the world': '2027-06-16T11:00:00Z',
}

/** When copies of the same events come again. */
const repeats = [-1, 0, 1, hour, day - 1, day, 6 * day, 8 * day]

t.test('events around a change of the day are stored once, whenever they come again', async (t) => {
  let now = Date.now()
  const { post, owner, superuser, tenant } = await startService(t, { now: () => now })
  for (const [name, moment] of Object.entries(boundaries)) {
    const boundary = Date.parse(moment)
    const client = await owner.connect()
    await ensurePartitions(client, new Date(boundary)).finally(() => client.release())
    const session_id = uuid7(boundary - 5)
    const events = [-2, -1, 0, 1].map((offset) => ({
      id: uuid7(boundary + offset),
      type: 'message_sent',
      session_id,
      properties: { position: 1 },
    }))
    const send = async (at: number, some = events) => {
      now = at
      const { accepted, duplicates, rejected } = (
        await post(batch(tenant.site_key, some, { sent_at: new Date(at).toISOString() }))
      ).body
      return { accepted, duplicates, rejected }
    }
    // half of them before the boundary, and all again at each later moment
    t.strictSame(await send(boundary - 2, events.slice(0, 2)), { accepted: 2, duplicates: 0, rejected: [] }, name)
    t.strictSame(await send(boundary - 1), { accepted: 2, duplicates: 2, rejected: [] }, `${name}: the rest`)
    for (const offset of repeats)
      t.strictSame(
        await send(boundary + offset),
        { accepted: 0, duplicates: 4, rejected: [] },
        `${name}: again after ${offset} ms`,
      )

    const { rows } = await superuser.query(
      `select id::text, tableoid::regclass::text as partition from leadlight.events where session_id = $1 order by id`,
      [session_id],
    )
    const partitionOf = (ms: number): string =>
      `leadlight.events_${new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')}`
    t.strictSame(
      rows,
      events.map(({ id }, i) => ({ id, partition: partitionOf(boundary + i - 2) })),
      `${name}: each in the partition of its own day`,
    )
    const { rows: sessions } = await superuser.query('select messages from leadlight.sessions where session_id = $1', [
      session_id,
    ])
    t.strictSame(sessions, [{ messages: 4 }], `${name}: one session`)
  }
})

t.test('a day without its partition costs no event: they wait in the browser until it is there', async (t) => {
  let now = Date.now()
  const { post, owner, tenant } = await startService(t, { now: () => now })
  // nobody has made days for so long
  now += 30 * day
  const event = { id: uuid7(now), type: 'widget_opened', session_id: uuid7(now - 1) }
  const send = () => post(batch(tenant.site_key, [event], { sent_at: new Date(now).toISOString() }))
  const refused = await send()
  t.equal(refused.status, 503)
  t.ok(refused.headers['retry-after'])
  const client = await owner.connect()
  await ensurePartitions(client, new Date(now)).finally(() => client.release())
  t.match((await send()).body, { accepted: 1, rejected: [] })
})
