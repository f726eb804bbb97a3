// The fault table: each fault is told by the alert it names, and the rest stays quiet. Short: with patience cut to a tenth; long: as
// shipped, and more of them.
import { dose } from 'stack/dose'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { away, databaseAway, doorAndScrapes, type Fault, sideBySide, silenceAndRefusal } from './faults.ts'
import { makeTenants } from './tenants.ts'
import { startWatched } from './watched.ts'

const minutes = 60_000
const quick = dose({ short: true, long: false })
/** As long as it takes on a machine that is busy otherwise. */
const patienceMs = quick ? 4 * minutes : 30 * minutes
/** Alerts besides the named ones that faults at the same time may raise. */
const extras = 1
t.setTimeout(20 * patienceMs)

const watched = await startWatched(t, { quick })
const { stack } = watched
const tenants = await makeTenants(t, stack.databaseUrl)

/** Every check of the canary has succeeded since. */
const canaryThrough = (sinceMs: number) =>
  waitFor(
    async () =>
      (await watched.find(`leadlight_canary_last_success_timestamp_seconds > ${sinceMs / 1_000}`)).length === 4,
    { timeoutMs: patienceMs, intervalMs: 1_000 },
  )
const allTold = async (since: Date) =>
  (await Promise.all((['on-call', 'tickets'] as const).map((box) => watched.told(box, since)))).flat()

t.test(
  'with everything well nothing fires, the watchdog is heard, and the canary comes through everywhere',
  async (t) => {
    t.ok(await canaryThrough(Date.now()), 'event, row, metric and trace')
    t.ok(await watched.quiet(patienceMs))
    // from here on: a stack that starts is not well yet
    const since = new Date()
    t.ok(await canaryThrough(since.getTime()), 'and once more')
    t.strictSame(await allTold(since), [], 'nobody was told of anything')
    const heard = async () => (await watched.heartbeatMs()) > 0
    t.ok(await waitFor(heard, { timeoutMs: patienceMs, intervalMs: 500 }), 'the dead man hears')
  },
)

/** Begins them, waits until all are told, ends them and waits until all is quiet. @returns the names of all that was told */
async function suffer(t: Test, faults: Fault[], meanwhile = async () => {}): Promise<Set<string>> {
  const since = new Date()
  const begunMs = new Map<Fault, number>()
  for (const fault of faults) {
    begunMs.set(fault, Date.now())
    await fault.begin()
  }
  await Promise.all(
    faults.map(async (fault) => {
      const { raises, box, what } = fault
      const isTold = async () =>
        (await watched.told(box, since)).some(
          ({ labels, status }) => labels.alertname === raises && status === 'firing',
        )
      t.ok(await waitFor(isTold, { timeoutMs: patienceMs, intervalMs: 500 }), `${what}: ${raises}`)
      t.comment(`${what}: ${raises} after ${((Date.now() - (begunMs.get(fault) ?? 0)) / 1_000).toFixed(1)} s`)
    }),
  )
  await meanwhile()
  for (const fault of faults) await fault.end()
  t.ok(await canaryThrough(Date.now()), 'the canary comes through again')
  const isOver = await watched.quiet(patienceMs)
  t.ok(isOver, `and it is over${isOver ? '' : `, but for ${await watched.firing()}`}`)
  const names = new Set((await allTold(since)).map(({ labels }) => labels.alertname ?? ''))
  const others = [...names].filter(
    (name) => !faults.some(({ raises, brings }) => raises === name || brings?.includes(name)),
  )
  t.comment(`beside ${faults.map(({ raises }) => raises).join(', ')}: ${others.join(', ') || 'nothing'}`)
  t.ok(others.length <= extras, others.join(', '))
  return names
}

const title = (faults: Fault[]) => faults.map(({ what }) => what).join(', ')
const possible = (faults: Fault[]) => faults.filter(({ skip }) => !skip)
const alone = [
  away(watched, 'ingest-service', 'IngestDown', 'on-call'),
  away(watched, 'collector', 'CollectorDown', 'on-call'),
  away(watched, 'canary', 'CanaryDown', 'tickets'),
]
for (const fault of alone) t.test(`${fault.what}`, async (t) => void (await suffer(t, [fault])))

t.test('the database is away while browsers call: one page, whatever else fails with it', async (t) => {
  const since = new Date()
  await suffer(t, [databaseAway(watched, tenants)], async () => {
    // enough of them for a page of their own, and for one with the calls of three tenants
    const failing = async () =>
      (await watched.find('route:leadlight_http_requests_failed:increase1h{route="traces"} >= 10')).length > 0
    t.ok(await waitFor(failing, { timeoutMs: patienceMs, intervalMs: 500 }), 'requests with spans fail')
  })
  const pages = await watched.told('on-call', since)
  t.strictSame([...new Set(pages.map(({ labels }) => labels.alertname))], ['DatabaseDown'])
})

const groups = quick ? [] : [sideBySide(watched, tenants), doorAndScrapes(watched), silenceAndRefusal(watched, tenants)]
for (const faults of groups) {
  for (const { what, skip } of faults) if (skip) t.test(what, { skip }, async () => {})
  t.test(title(possible(faults)), async (t) => {
    const names = await suffer(t, possible(faults))
    // whoever hears of many silent tenants is spared each of them
    if (names.has('TenantsSilentWidely')) t.notOk(names.has('TenantSilent'))
  })
}

// Alertmanager holds on to what it last heard for four minutes
if (!quick)
  t.test('without Prometheus the dead man hears nothing any more, and hears again after it', async (t) => {
    await stack.stop('prometheus')
    const silent = async () => Date.now() - (await watched.heartbeatMs()) > 3 * minutes
    t.ok(await waitFor(silent, { timeoutMs: patienceMs, intervalMs: 1_000 }))
    await stack.resume('prometheus')
    const resumedMs = Date.now()
    const heard = async () => (await watched.heartbeatMs()) > resumedMs
    t.ok(await waitFor(heard, { timeoutMs: patienceMs, intervalMs: 500 }))
  })
