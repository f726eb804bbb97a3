// A real Alertmanager as start.sh starts it, and real receivers of each kind that write down what they are told.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { respondsOk } from 'stack/addresses'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

export type Labels = Record<string, string>
export type Alert = { labels: Labels; annotations?: Record<string, string>; endsAt?: string }
export type Notification = { status: string; alerts: { status: string; labels: Labels }[] }

const script = fileURLToPath(new URL('../start.sh', import.meta.url))

/** The configuration that start.sh makes of an environment, and the directory it was made in. */
export async function configure(t: Test, env: Record<string, string>) {
  const directory = mkdtempSync(`${tmpdir()}/leadlight-alertmanager-`)
  t.teardown(() => rmSync(directory, { recursive: true }))
  const { stdout } = await promisify(execFile)(script, ['--print'], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...env },
  })
  return { directory, config: stdout }
}

/** Alertmanager with the receivers of the environment; `quick` shortens every waiting to seconds. */
export async function startAlertmanager(t: Test, env: Record<string, string>, { quick = false } = {}) {
  const { directory } = await configure(t, env)
  const file = await toolPath('alertmanager')
  const url = `http://127.0.0.1:${await freePort()}`
  const listen = `--web.listen-address=${new URL(url).host}`
  if (quick) {
    const config = readFileSync(`${directory}/alertmanager.yml`, 'utf8')
    const quicker = config.replace(/(group_wait|group_interval): \w+/g, '$1: 1s')
    writeFileSync(`${directory}/alertmanager.yml`, quicker)
  }
  const alertmanager = startChild(
    quick
      ? {
          file,
          args: ['--config.file=alertmanager.yml', '--storage.path=data', '--cluster.listen-address=', listen],
          cwd: directory,
        }
      : { file: script, args: [listen], cwd: directory, env: { PATH: `${dirname(file)}:${process.env.PATH}`, ...env } },
  )
  let log = ''
  for (const stream of [alertmanager.stdout, alertmanager.stderr]) stream.on('data', (chunk) => (log += chunk))
  t.teardown(() => alertmanager.stop(5_000))
  const ready = () => respondsOk(`${url}/-/ready`)
  if (!(await waitFor(ready, { timeoutMs: 60_000 }))) throw new Error(`Alertmanager did not become ready\n${log}`)
  return {
    url,
    log: () => log,
    /** Reports the alerts as Prometheus does, firing unless they have an end. */
    report: (alerts: Alert[]) =>
      fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      }),
    /** `active`, `suppressed` or `unprocessed`. */
    async stateOf(alertname: string): Promise<string | undefined> {
      const response = await fetch(`${url}/api/v2/alerts?filter=${encodeURIComponent(`alertname="${alertname}"`)}`)
      const [alert] = (await response.json()) as { status: { state: string } }[]
      return alert?.status.state
    },
  }
}

async function listen(t: Test, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** Takes JSON at any path and keeps it by path. */
export async function startReceiver(t: Test) {
  const received: Record<string, any[]> = {}
  const server = createHttpServer(async (request, response) => {
    const path = request.url?.slice(1) ?? ''
    // before the list is read: two may come at once; one that is given up is sent again
    const body = await json(request).catch(() => undefined)
    if (body === undefined) return
    received[path] = [...(received[path] ?? []), body]
    // `ok` for Slack's sake: without it each message has failed, and is sent again at every interval
    response
      .writeHead(path.startsWith('pagerduty') ? 202 : 200, { 'content-type': 'application/json' })
      .end('{"ok":true,"status":"success"}')
  })
  const url = `http://127.0.0.1:${await listen(t, server)}`
  t.teardown(() => server.closeAllConnections())
  return { url, of: (path: string) => received[path] ?? [] }
}

/** Takes mail as a server on the same machine does: without a login, without encryption. */
export async function startMailServer(t: Test) {
  const mails: string[] = []
  const server = createTcpServer((socket) => {
    let mail: string | undefined
    // a long mail comes in pieces, which end anywhere in a line
    let begun = ''
    socket.setEncoding('utf8').write('220 test\r\n')
    socket.on('error', () => {})
    socket.on('data', (text: string) => {
      const lines = (begun + text).split('\r\n')
      begun = lines.pop() ?? ''
      for (const line of lines) {
        if (mail !== undefined) {
          if (line !== '.') mail += `${line}\n`
          else {
            mails.push(mail)
            mail = undefined
            socket.write('250 taken\r\n')
          }
        } else if (line.toUpperCase() === 'DATA') {
          mail = ''
          socket.write('354 go on\r\n')
        } else if (line.toUpperCase() === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  return { host: `localhost:${await listen(t, server)}`, mails }
}
