import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { startChild } from '../src/child.ts'
import { freePort } from '../src/ports.ts'
import { type Cluster, databaseUrl, ensureDatabase, postgresCommand, prepareCluster, query } from '../src/postgres.ts'
import { waitFor } from '../src/wait.ts'

/** A directory that PostgreSQL's user can reach, unlike a checkout's. */
function temporary(t: Test) {
  const directory = mkdtempSync(join(tmpdir(), 'leadlight-postgres-'))
  chmodSync(directory, 0o711)
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function start(t: Test, cluster: Cluster) {
  const port = await freePort()
  const server = startChild(await postgresCommand(cluster, port, ['fsync=off']), 'SIGINT')
  t.teardown(() => server.stop(5_000))
  const answers = () =>
    ensureDatabase(cluster, port).then(
      () => true,
      () => false,
    )
  t.ok(await waitFor(answers, { timeoutMs: 20_000 }), 'it answers')
  return { server, url: databaseUrl(cluster, port) }
}

t.test('a killed server starts again with its data, also where its process id is another one’s by now', async (t) => {
  const cluster = await prepareCluster(join(temporary(t), 'postgres'), t.fail)
  const first = await start(t, cluster)
  await query(first.url, 'create table kept as select 7 as x')
  first.server.kill()
  await first.server.exited
  const stranger = spawn('sleep', ['600'])
  t.teardown(() => stranger.kill())
  writeFileSync(join(cluster.directory, 'postmaster.pid'), `${stranger.pid}\n${cluster.directory}\n`)
  const second = await start(t, cluster)
  t.same((await query(second.url, 'select x from kept')).rows, [{ x: 7 }])
  t.equal(stranger.exitCode, null, 'the stranger lives')
})

t.test('text is UTF-8, times are UTC, nobody comes in without the password', async (t) => {
  const { url } = await start(t, await prepareCluster(join(temporary(t), 'postgres'), t.fail))
  const shown = await query(
    url,
    "select current_setting('server_encoding') as text, current_setting('timezone') as zone",
  )
  t.same(shown.rows, [{ text: 'UTF8', zone: 'UTC' }])
  const other = new URL(url)
  other.password = 'guess'
  await t.rejects(query(other.href, 'select 1'), /password authentication failed/)
})

const onlyRoot = process.getuid?.() === 0 ? {} : { skip: 'only root has PostgreSQL run as another user' }
t.test(
  'below a directory that only root may enter, the data lies elsewhere, is found again, and both are told',
  onlyRoot,
  async (t) => {
    const closed = join(temporary(t), 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const said: string[] = []
    const asked = join(closed, 'data/postgres')
    const cluster = await prepareCluster(asked, (line) => said.push(line))
    t.teardown(() => rmSync(dirname(cluster.directory), { recursive: true, force: true }))
    t.notOk(existsSync(asked))
    t.match(said, [
      /^PostgreSQL runs as the user "postgres", who may not enter .*; its data lies in \/var\/lib\/leadlight\//,
    ])
    await start(t, cluster)
    t.equal((await prepareCluster(asked, () => {})).directory, cluster.directory)
  },
)
