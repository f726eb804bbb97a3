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
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const operations = `http://127.0.0.1:${operationsPort}`
  const status = (path: string) =>
    fetch(operations + path).then(
      (answer) => answer.status,
      () => 0,
    )
  return { child, url: `http://127.0.0.1:${port}`, operations, status, output: () => output }
}
