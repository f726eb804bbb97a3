// One ingest-service in a process of its own, to be killed and started again.
import { fileURLToPath } from 'node:url'
import { respondsOk } from 'stack/addresses'
import { type Child, startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

export type Service = {
  url: string
  /** Where it tells whether it is ready, and its metrics. */
  operationsUrl: string
  start(): Promise<void>
  kill(): Promise<void>
}

type Options = {
  /** Another program in its place, which is given the same environment. */
  program?: URL
  env?: Record<string, string>
}

const serverFile = new URL('../../ingest-service/src/server.ts', import.meta.url)
const startMs = 60_000

/** Starts it on this database and waits until it is ready. */
export async function startService(t: Test, databaseUrl: string, options: Options = {}): Promise<Service> {
  const { program = serverFile, env = {} } = options
  const port = await freePort()
  const operationsPort = await freePort()
  const operationsUrl = `http://127.0.0.1:${operationsPort}`
  let child: Child | undefined
  let output = ''

  async function start(): Promise<void> {
    child = startChild({
      file: process.execPath,
      args: [fileURLToPath(program)],
      env: {
        DATABASE_URL: databaseUrl,
        HOST: '127.0.0.1',
        PORT: `${port}`,
        OPERATIONS_PORT: `${operationsPort}`,
        LIMIT_ADDRESS_REQUESTS_PER_MINUTE: '0',
        LIMIT_KEY_EVENTS_PER_SECOND: '0',
        LOG_LEVEL: 'warn',
        ...env,
      },
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-4_000)
      })
    const ready = () => respondsOk(`${operationsUrl}/readyz`)
    if (!(await waitFor(ready, { timeoutMs: startMs, intervalMs: 50 })))
      throw new Error(`The service does not become ready: ${output}`)
  }

  t.teardown(() => child?.stop(15_000))
  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    operationsUrl,
    start,
    async kill() {
      child!.kill()
      await child!.exited
    },
  }
}
