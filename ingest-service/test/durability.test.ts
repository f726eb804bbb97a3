import pg from 'pg'
import { cloneDatabase } from 'stack/test-database'
import t from 'tap'
import { openPool } from '../src/database.ts'
import { findUndurable, requireDurability } from '../src/durability.ts'

t.test('a PostgreSQL that may forget what it confirmed is refused', async (t) => {
  const { url } = await cloneDatabase(t)
  const forgetful = new pg.Pool({ connectionString: url, max: 1, options: '-c synchronous_commit=off' })
  t.teardown(() => forgetful.end())
  await t.rejects(requireDurability(forgetful, { fullPageWritesOff: true }), {
    message: 'PostgreSQL runs with synchronous_commit off and could lose events it has confirmed. Set it on',
  })
})

t.test("the service's own connections wait for the disk whatever the database's default is", async (t) => {
  const { url, superuserUrl } = await cloneDatabase(t)
  const superuser = new pg.Client(superuserUrl)
  await superuser.connect()
  await superuser.query(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`)
  await superuser.end()
  const pool = openPool(url, { role: 'leadlight_ingest', size: 1, statementMs: 5_000, onError: () => {} })
  t.teardown(() => pool.end())
  t.strictSame(await findUndurable(pool), [])
  await t.resolves(requireDurability(pool, { fullPageWritesOff: false }))
})
