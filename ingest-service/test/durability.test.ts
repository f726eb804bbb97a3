import pg from 'pg'
import { databaseUrl, ensureDatabase, query, superuserUrl } from 'stack/postgres'
import { cloneDatabase, startEmptyServer } from 'stack/test-database'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { openPool } from '../src/database.ts'
import { findUndurable, requireDurability } from '../src/durability.ts'
import { startProcess } from './process.ts'

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

t.test('the service does not start on a server that tears pages or does not wait for its disk', async (t) => {
  const { cluster, port, close } = await startEmptyServer()
  t.teardown(close)
  await ensureDatabase(cluster, port)
  const admin = superuserUrl(cluster, port)
  const start = (env: Record<string, string> = {}) =>
    startProcess(t, { DATABASE_URL: databaseUrl(cluster, port), ...env })
  const set = async (setting: string) => {
    await query(admin, `alter system set ${setting}`)
    await query(admin, 'select pg_reload_conf()')
    const [name, value] = setting.split(' = ')
    const isSet = async () => (await query(admin, `show ${name}`)).rows[0][name!] === value
    t.ok(await waitFor(isSet, { timeoutMs: 20_000 }), setting)
  }

  await set('full_page_writes = off')
  const torn = await start()
  t.equal(await torn.child.ended, 'exit code 1')
  t.match(torn.output(), /full_page_writes off and could lose events.*ALLOW_FULL_PAGE_WRITES_OFF=true/)

  const allowed = await start({ ALLOW_FULL_PAGE_WRITES_OFF: 'true' })
  t.ok(
    await waitFor(async () => (await allowed.status('/readyz')) === 200, { timeoutMs: 60_000 }),
    'ready on a file system that never tears a page',
  )
  await allowed.child.stop(15_000)

  await set('fsync = off')
  const unsynced = await start({ ALLOW_FULL_PAGE_WRITES_OFF: 'true' })
  t.equal(await unsynced.child.ended, 'exit code 1')
  t.match(unsynced.output(), /PostgreSQL runs with fsync off/)
})
