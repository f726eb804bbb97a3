import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startMark } from '../src/pids.ts'
import { freePorts, type Ports } from '../src/ports.ts'
import { query } from '../src/postgres.ts'
import { readRunning } from '../src/running.ts'
import { waitFor } from '../src/wait.ts'

const program = join(import.meta.dirname, '../src/start.ts')
type Place = { dataDir: string; ports: Ports }

async function place(t: Test): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), 'leadlight-stack-'))
  chmodSync(dataDir, 0o711)
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  return { dataDir, ports: await freePorts() }
}

/** `npm start -- --core` as a person runs it. */
function npmStart(t: Test, { dataDir, ports }: Place, ...args: string[]) {
  const moved = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `${port}`]))
  const { DATABASE_URL: _, ...rest } = process.env
  const child = spawn(process.execPath, [program, ...(args.length ? args : ['--core'])], {
    env: { ...rest, ...moved, LEADLIGHT_DATA: dataDir },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  t.teardown(() => child.kill('SIGKILL'))
  // not its exit, which may come before the last of its output
  const ended = once(child, 'close').then(([code]) => code as number)
  const says = (text: string) => waitFor(() => output.includes(text), { timeoutMs: 60_000 })
  return { child, ended, says, output: () => output }
}

const identities = ({ dataDir }: Place) =>
  Object.values(readRunning(dataDir)?.processes ?? {}).filter((process) => process !== null)
const allGone = (processes: { pid: number; mark: string }[]) =>
  waitFor(() => processes.every(({ pid, mark }) => startMark(pid) !== mark), { timeoutMs: 15_000 })

t.test('the core starts, survives what is done to it, and Ctrl-C leaves nothing', async (t) => {
  const here = await place(t)
  const { dataDir, ports } = here
  const first = npmStart(t, here)
  t.ok(await first.says('Demo site'), 'it prints its addresses')
  t.equal(statSync(join(dataDir, 'stack.json')).mode & 0o777, 0o600)
  t.equal((await fetch(`http://127.0.0.1:${ports.DEMO_PORT}/`)).status, 200)

  const again = npmStart(t, here)
  t.equal(await again.ended, 1)
  t.match(again.output(), /^Leadlight runs already as process \d+ since .*\n$/)

  const elsewhere = npmStart(t, { ...(await place(t)), ports })
  t.equal(await elsewhere.ended, 1)
  t.match(elsewhere.output(), `Port ${ports.PORT} for ingest-service is in use`)

  process.kill(readRunning(dataDir)?.processes['ingest-service']?.pid as number, 'SIGKILL')
  t.ok(await first.says('ingest-service ended (SIGKILL); starting it again'))
  t.ok(await first.says('ingest-service answers again'))

  const unknown = npmStart(t, here, '--stop', 'nobody')
  t.equal(await unknown.ended, 1)
  t.equal(unknown.output(), 'There is no process "nobody"; there are postgres, ingest-service, alerts, demo\n')
  t.equal(await npmStart(t, here, '--stop', 'demo').ended, 0)
  await t.rejects(fetch(`http://127.0.0.1:${ports.DEMO_PORT}/`), 'it is stopped for good')
  t.equal(await npmStart(t, here, '--resume', 'demo').ended, 0)
  t.ok(await first.says('demo site answers again'))

  const processes = identities(here)
  t.equal(processes.length, 4)
  first.child.kill('SIGINT')
  t.equal(await first.ended, 0)
  t.same(
    processes.filter(({ pid, mark }) => startMark(pid) === mark),
    [],
  )
  t.notOk(existsSync(join(dataDir, 'stack.json')))
})

t.test('what a killed start leaves is gone soon, and the next start finds the data', async (t) => {
  const here = await place(t)
  const first = npmStart(t, here)
  t.ok(await first.says('Demo site'))
  const before = readRunning(here.dataDir)
  const tenants = async () =>
    (await query(before?.databaseUrl as string, 'select tenant_id from leadlight.tenants')).rows
  const known = await tenants()
  t.equal(known.length, 1)
  const processes = identities(here)
  first.child.kill('SIGKILL')
  const second = npmStart(t, here)
  t.ok(await second.says('Demo site'))
  t.ok(await allGone(processes))
  t.same(await tenants(), known)
  second.child.kill('SIGTERM')
  t.equal(await second.ended, 0)
})

t.test('stopping while it starts leaves nothing', async (t) => {
  const here = await place(t)
  const { child, ended, says } = npmStart(t, here)
  t.ok(await says('PostgreSQL answers'))
  t.ok(await waitFor(() => identities(here).length > 0, { timeoutMs: 60_000 }))
  const processes = identities(here)
  child.kill('SIGINT')
  t.equal(await ended, 0)
  t.ok(await allGone(processes))
})

t.test('a wrong port is told before anything is started', async (t) => {
  const here = await place(t)
  const { ended, output } = npmStart(t, { ...here, ports: { ...here.ports, PORT: 99_999 } })
  t.equal(await ended, 1)
  t.equal(output(), 'PORT=99999 is no port; give a number from 1 to 65535, as in PORT=8080\n')
})
