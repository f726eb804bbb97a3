// The service under load: started by a bench, ended with it.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildBundles } from 'stack/build'
import { startChild } from 'stack/child'
import type { Run } from './bench.ts'
import type { Database } from './database.ts'

/** With its own writer, or with the baseline's. */
export async function startService({ say, teardown }: Run, { url }: Database, kind: 'grouped' | 'plain') {
  say(`starting the service, writer: ${kind}`)
  // it does not start without the script that it serves
  await buildBundles()
  const program = fileURLToPath(new URL('service.ts', import.meta.url))
  const child = startChild({ file: process.execPath, args: [program, url, kind] })
  teardown(() => child.stop(2_000))
  child.stderr.pipe(process.stderr)
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>
  const ended = child.exited.then((how) => {
    throw new Error(`The service ended with ${how}`)
  })
  ended.catch(() => {})
  const [port] = await Promise.race([line, ended])
  return { port: Number(port), pid: child.pid }
}
