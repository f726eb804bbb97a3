// `leadlight alerts` against a real Alertmanager with a real receiver.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { respondsOk } from 'stack/addresses'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { compiled, program } from './program.ts'

t.setTimeout(180_000)

const pages: string[] = []
let status = 200
let answerMs = 0
let answered = 0
const receiver = createServer(async (request, response) => {
  const { alerts } = (await json(request)) as { alerts: { labels: { alertname: string } }[] }
  pages.push(...alerts.map(({ labels }) => labels.alertname))
  await setTimeout(answerMs)
  answered++
  response.writeHead(status).end()
})
await once(receiver.listen(0, '127.0.0.1'), 'listening')
t.teardown(() => {
  receiver.closeAllConnections()
  receiver.close()
})
const url = `http://127.0.0.1:${await freePort()}`
const cwd = t.testdir()
await promisify(execFile)(fileURLToPath(new URL('../../alertmanager/start.sh', import.meta.url)), ['--print'], {
  cwd,
  env: { PATH: process.env.PATH, ON_CALL_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/` },
})
// as shipped, but for its patience
const file = `${cwd}/alertmanager.yml`
writeFileSync(file, readFileSync(file, 'utf8').replace(/(group_wait|group_interval): \w+/g, '$1: 1s'))
const alertmanager = startChild({
  file: await toolPath('alertmanager'),
  args: [
    '--config.file=alertmanager.yml',
    '--storage.path=data',
    '--cluster.listen-address=',
    '--enable-feature=receiver-name-in-metrics',
    `--web.listen-address=${new URL(url).host}`,
  ],
  cwd,
})
alertmanager.stdout.resume()
alertmanager.stderr.resume()
t.teardown(() => alertmanager.stop(5_000))
const ready = () => respondsOk(`${url}/-/ready`)
if (!(await waitFor(ready, { timeoutMs: 60_000 }))) throw new Error('Alertmanager did not become ready')

const leadlight = (...args: string[]) =>
  promisify(execFile)(
    process.execPath,
    [program, 'alerts', ...args],
    // no database: these commands are for the night when it is away
    { env: { ...compiled, PATH: process.env.PATH, ALERTMANAGER_URL: url, LEADLIGHT_DATA: '/nowhere' } },
  )

t.test('a test page is delivered, and said to be', async (t) => {
  const { stdout } = await leadlight('test')
  t.equal(stdout, 'The test page is delivered: on-call\n')
  t.strictSame(pages, ['LeadlightTest'])
  const [test] = (await (await fetch(`${url}/api/v2/alerts`)).json()) as { startsAt: string }[]
  t.ok(Date.parse(test!.startsAt) <= Date.now(), 'it has begun')
})

t.test('it is delivered when the receiver has answered, not when it is on its way', async (t) => {
  answerMs = 2_500
  const before = answered
  await leadlight('test')
  t.equal(answered, before + 1)
  answerMs = 0
})

t.test('a silence holds a test page back until it is ended', async (t) => {
  const silence = JSON.parse((await leadlight('silence', '--for', '2h', '--comment', 'new disk', '--json')).stdout)
  t.ok(Math.abs(Date.parse(silence.until) - Date.now() - 7_200_000) < 60_000)
  const held = (await (await fetch(`${url}/api/v2/silences`)).json()) as { comment: string; matchers: object[] }[]
  t.match(held, [{ comment: 'new disk', matchers: [{ name: 'alertname', value: 'Watchdog', isEqual: false }] }])
  await t.rejects(leadlight('test'), {
    code: 1,
    stderr: new RegExp(`is told to be silent: .leadlight alerts unsilence ${silence.silence_id}. ends that`),
  })
  await leadlight('unsilence', silence.silence_id)
  t.match((await leadlight('test', '--json')).stdout, '{"delivered":true,"receivers":["on-call"]}')
})

t.test('a receiver that refuses is a failure that names it', async (t) => {
  status = 400
  await t.rejects(leadlight('test'), { code: 1, stderr: /could not deliver to on-call/ })
})

t.test('what cannot be is refused with a usage error', async (t) => {
  await t.rejects(leadlight('silence'), { code: 2 })
  await t.rejects(leadlight('silence', '--for', '30d'), { code: 2, stderr: /from 1m to 7d/ })
  await alertmanager.stop(5_000)
  await t.rejects(leadlight('silence', '--for', '1h'), {
    code: 1,
    stderr: `leadlight: Alertmanager does not answer at ${url}\n`,
  })
})
