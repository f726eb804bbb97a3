// The service as a process of its own, on free ports of this machine.
import { fileURLToPath } from 'node:url'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import type { Test } from 'tap'

const server = fileURLToPath(new URL('../src/server.ts', import.meta.url))

export async function startProcess(t: Test, env: Record<string, string>) {
  const port = await freePort()
  const operationsPort = await freePort()
  const child = startChild({
    file: process.execPath,
    args: [server],
    env: { HOST: '127.0.0.1', PORT: `${port}`, OPERATIONS_PORT: `${operationsPort}`, ...env },
  })
  t.teardown(() => child.stop(15_000))
  let output = ''
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) stream.on('data', (chunk) => (output += chunk))
  const said = streams.map((stream) => new Promise((resolve) => stream.once('end', resolve)))
  const operations = `http://127.0.0.1:${operationsPort}`
  const status = (path: string) =>
    fetch(operations + path).then(
      (answer) => answer.status,
      () => 0,
    )
  /** How it ended, once all that it said has been read. */
  const ended = async () => {
    await Promise.all(said)
    return child.exited
  }
  return { child, ended, url: `http://127.0.0.1:${port}`, operations, status, output: () => output }
}
