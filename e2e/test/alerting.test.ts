// The fault table: each fault is told by the alert it names, and the rest stays quiet. Short: outages, with patience cut to a tenth.
// Long: outages with the patience that is shipped, and beside them, in a stack with a tenth of it, all other faults.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dose } from 'stack/dose'
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { toldByOthers } from './browser-faults.ts'
import { away, databaseAway, doorAndScrapes, type Fault, sideBySide, silenceAndRefusal } from './faults.ts'
import { shownByRuleTests, shownLive } from './shown.ts'
import { type Suffering, suffering } from './suffering.ts'
import { makeTenants, type Tenants } from './tenants.ts'
import { startWatched, type Watched } from './watched.ts'

const minutes = 60_000
const isLong = dose({ short: false, long: true })
/** As long as it takes on a machine that is busy otherwise. */
const patience = { quick: (isLong ? 10 : 4) * minutes, shipped: 30 * minutes }
t.setTimeout(20 * patience.shipped)
// those with a stack of their own, in the long suite
t.jobs = 3

/** What the faults of this run are told by, and the watchdog, which is heard before the first of them. */
const raised = new Set(['Watchdog'])
const stacks: Promise<unknown>[] = []

type Surroundings = Suffering & { watched: Watched; tenants: Tenants }

/** A stack with everything well, and what is done to it. */
function inStack(title: string, { quick }: { quick: boolean }, body: (t: Test, around: Surroundings) => Promise<void>) {
  const done = t.test(title, { buffered: isLong }, async (t) => {
    const watched = await startWatched(t, { quick })
    const tenants = await makeTenants(t, watched.stack.databaseUrl)
    const around = suffering(watched, quick ? patience.quick : patience.shipped)
    await t.test('with everything well nothing fires, and everybody is heard', (t) => around.isWell(t))
    const suffer: Suffering['suffer'] = (t, faults, meanwhile) => {
      for (const { raises } of faults) raised.add(raises)
      return around.suffer(t, faults, meanwhile)
    }
    await body(t, { ...around, suffer, watched, tenants })
  })
  stacks.push(done)
}

t.test('every alert is raised live or by its rule test alone', async (t) => {
  const directory = join(import.meta.dirname, '../../prometheus/rules')
  const files = await Promise.all((await readdir(directory)).map((file) => readFile(join(directory, file), 'utf8')))
  type Rules = { groups: { rules: { alert?: string }[] }[] }
  const alerts = files.flatMap((file) =>
    (parse(file) as Rules).groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])),
  )
  t.strictSame([...shownLive, ...Object.keys(shownByRuleTests)].toSorted(), alerts.toSorted())
})

inStack('outages', { quick: !isLong }, async (t, { watched, tenants, suffer }) => {
  const alone = [
    away(watched, 'ingest-service', 'IngestDown', 'on-call'),
    away(watched, 'collector', 'CollectorDown', 'on-call'),
    ...(isLong ? [] : [canaryAway(watched)]),
  ]
  for (const fault of alone) await t.test(fault.what, async (t) => void (await suffer(t, [fault])))

  await t.test('the database is away while browsers call: one page, whatever else fails with it', async (t) => {
    const since = new Date()
    await suffer(t, [databaseAway(watched, tenants)], async () => {
      // enough of them for a page of their own, and for one with the calls of three tenants
      const failing = async () =>
        (await watched.find('route:leadlight_http_requests_failed:increase1h{route="traces"} >= 10')).length > 0
      t.ok(await waitFor(failing, { timeoutMs: patience.shipped, intervalMs: 500 }), 'requests with spans fail')
    })
    const pages = await watched.told('on-call', since)
    t.strictSame([...new Set(pages.map(({ labels }) => labels.alertname))], ['DatabaseDown'])
  })
})

if (isLong) {
  inStack('nobody looks', { quick: false }, async (t, { watched, suffer }) => {
    const fault = canaryAway(watched)
    await t.test(fault.what, async (t) => void (await suffer(t, [fault])))
    await t.test('without Prometheus the dead man hears nothing any more, and hears again after it', async (t) => {
      await watched.stack.stop('prometheus')
      // Alertmanager holds on to what it last heard for four minutes
      const silent = async () => Date.now() - (await watched.heartbeatMs()) > 3 * minutes
      t.ok(await waitFor(silent, { timeoutMs: patience.shipped, intervalMs: 1_000 }))
      await watched.stack.resume('prometheus')
      const resumedMs = Date.now()
      const heard = async () => (await watched.heartbeatMs()) > resumedMs
      t.ok(await waitFor(heard, { timeoutMs: patience.shipped, intervalMs: 500 }))
    })
  })

  inStack('all other faults', { quick: true }, async (t, { watched, tenants, suffer }) => {
    const groups = [
      doorAndScrapes(watched),
      silenceAndRefusal(watched, tenants),
      sideBySide(watched, tenants),
      toldByOthers(watched, tenants),
    ]
    for (const faults of groups) {
      for (const { what, raises, skip } of faults) {
        if (!skip) continue
        raised.add(raises)
        await t.test(what, { skip }, async () => {})
      }
      const possible = faults.filter(({ skip }) => !skip)
      await t.test(possible.map(({ what }) => what).join(', '), async (t) => {
        const names = await suffer(t, possible)
        // whoever hears of many silent tenants is spared each of them
        if (names.has('TenantsSilentWidely')) t.notOk(names.has('TenantSilent'))
      })
    }
  })
}

if (isLong) {
  await Promise.all(stacks)
  t.strictSame([...raised].toSorted(), shownLive, 'and no alert is said to be raised live that is not')
}

function canaryAway(watched: Watched): Fault {
  return away(watched, 'canary', 'CanaryDown', 'tickets')
}
