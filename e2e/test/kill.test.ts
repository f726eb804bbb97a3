import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { dose } from 'stack/dose'
import t, { type Test } from 'tap'
import { type Database, startDatabase } from './database.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { type Service, startService } from './service.ts'

const serviceKills = dose({ short: 20, long: 200 })
const postgresKills = dose({ short: 10, long: 100 })
const replicaKills = dose({ short: 4, long: 60 })
const mixedKills = dose({ short: 4, long: 120 })
const timeout = dose({ short: 300_000, long: 3_600_000 })
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

const nothingWrong = { missing: 0, twice: 0, uncounted: 0, overcounted: 0, senseless: [] }

type Parts = { database: Database; services: Service[]; ledger: Ledger; next: () => number }

/** The same moments for the same seed. */
function random(): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** Drives events, runs `disturb` so many times, lets everything settle and compares. */
async function survive(
  t: Test,
  times: number,
  replicas: number,
  disturb: (parts: Parts, round: number) => Promise<void>,
) {
  const database = await startDatabase(t)
  const services: Service[] = []
  while (services.length < replicas) services.push(await startService(t, database.url))
  const ledger = openLedger(t, { urls: services.map(({ url }) => url), siteKey: database.tenant.site_key })
  const parts = { database, services, ledger, next: random() }
  for (let round = 0; round < times; round++) {
    await ledger.goesOn()
    await setTimeout(parts.next() * 200)
    await disturb(parts, round)
  }
  await ledger.goesOn()
  const { tenant_id } = database.tenant
  const compared = await ledger.close(database.superuserUrl, tenant_id)
  const unanswered = ledger.answers().filter(({ status }) => status !== 200).length
  t.comment(
    `seed ${seed}: ${times} kills, ${ledger.acknowledged()} events acknowledged, ${compared.missing} missing, ${compared.twice} stored twice, ${unanswered} batches sent again`,
  )
  t.ok(unanswered > 0, 'the kills were felt')
  t.strictSame(compared, nothingWrong)

  const db = new pg.Client({ connectionString: database.superuserUrl })
  await db.connect()
  await db.query('delete from leadlight.events where id = (select id from leadlight.events order by id desc limit 1)')
  await db.end()
  const { missing, uncounted } = await ledger.close(database.superuserUrl, tenant_id)
  t.strictSame({ missing, uncounted }, { missing: 1, uncounted: 1 }, 'the ledger would have noticed')
}

async function killService({ services }: Parts, index = 0) {
  await services[index]!.kill()
  await services[index]!.start()
}

async function killPostgres({ database }: Parts): Promise<string[]> {
  const killed = await database.kill()
  await database.start()
  return killed
}

t.test('the service killed again and again loses nothing it acknowledged and stores nothing twice', { timeout }, (t) =>
  survive(t, serviceKills, 1, (parts) => killService(parts)),
)

t.test('PostgreSQL killed again and again loses nothing the service acknowledged', { timeout }, async (t) => {
  const killed: string[] = []
  await survive(t, postgresKills, 1, async (parts) => void killed.push(...(await killPostgres(parts))))
  // a postmaster killed alone leaves them the time to finish what they do
  for (const kind of ['checkpointer', 'walwriter', 'leadlight_service leadlight '])
    t.ok(killed.filter((title) => title.includes(kind)).length >= postgresKills, `each time with it: ${kind}`)
})

t.test('two replicas on one database, one of them killed again and again, are as exact as one', { timeout }, (t) =>
  survive(t, replicaKills, 2, (parts, round) => killService(parts, round % 2)),
)

t.test('service, PostgreSQL and client killed in turns and together lose nothing', { timeout }, (t) =>
  survive(t, mixedKills, 1, async (parts, round) => {
    const turns = [
      () => killService(parts),
      () => killPostgres(parts),
      () => parts.ledger.restart(),
      () => Promise.all([killService(parts), killPostgres(parts)]),
    ]
    await turns[round % turns.length]!()
  }),
)
