// The ledger itself is tried: a service that is altered so that it loses or repeats events must not get past it.
import { waitFor } from 'stack/wait'
import t, { type Test } from 'tap'
import {
  type Alteration,
  answeringEarly,
  keyByDay,
  knowingEventsByDay,
  notWaitingForTheDisk,
  startAlteredService,
  unaltered,
} from './altered-service.ts'
import { startDatabase } from './database.ts'
import { type Comparison, openLedger } from './ledger.ts'
import { startProxy } from './proxy.ts'

const kills = 3
const lostAnswers = 20
const dayMs = 86_400_000

/**
 * What a commit that did not wait leaves in memory stays there: by default PostgreSQL writes it after a fifth of a
 * second, which a kill would have to be quicker than.
 */
const settings = ['wal_writer_delay=10s', 'wal_writer_flush_after=1GB', 'wal_buffers=64MB']

/** The same for each alteration: midnight passes while answers are lost, and PostgreSQL is killed right after an answer. */
async function endure(
  t: Test,
  alter: Alteration,
  prepare?: (superuserUrl: string) => Promise<void>,
): Promise<Comparison> {
  const database = await startDatabase(t, { settings })
  await prepare?.(database.superuserUrl)
  let aheadMs = 0
  const clock = { now: () => Date.now() + aheadMs }
  const port = await startAlteredService(t, database.url, alter, clock)
  const proxy = await startProxy(t, port, () => true)
  const ledger = openLedger(t, { urls: [`http://127.0.0.1:${proxy.port}`], siteKey: database.tenant.site_key })
  await ledger.goesOn()

  proxy.set({ kind: 'cut answer' })
  if (!(await waitFor(() => proxy.felt() >= lostAnswers, { timeoutMs: 30_000 }))) throw new Error('no answer was lost')
  aheadMs = dayMs
  proxy.heal()
  for (let kill = 0; kill < kills; kill++) {
    await ledger.goesOn()
    await database.kill()
    await database.start()
  }
  await ledger.goesOn()
  const compared = await ledger.close(database.superuserUrl, database.tenant.tenant_id)
  t.comment(`${ledger.acknowledged()} events acknowledged, ${compared.missing} missing, ${compared.twice} stored twice`)
  return compared
}

t.test('the service as it is gets past the ledger', async (t) => {
  const nothingWrong = { missing: 0, twice: 0, uncounted: 0, overcounted: 0, senseless: [] }
  t.strictSame(await endure(t, unaltered), nothingWrong)
})

t.test('one that answers before the commit does not', async (t) => {
  const { missing } = await endure(t, answeringEarly)
  t.ok(missing > 0, `${missing} missing`)
})

t.test('one that does not wait for the disk does not', async (t) => {
  const { missing } = await endure(t, notWaitingForTheDisk)
  t.ok(missing > 0, `${missing} missing`)
})

t.test('one whose key holds the day does not', async (t) => {
  const { twice } = await endure(t, knowingEventsByDay, keyByDay)
  t.ok(twice > 0, `${twice} stored twice`)
})
