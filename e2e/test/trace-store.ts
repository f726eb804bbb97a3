// A trace store of a test's own: a real Jaeger.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { toolPath } from 'stack/tools'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

export type TraceStore = {
  /** What is asked for traces. */
  url: string
  /** Gives it an OTLP request, once it listens. */
  take(body: string): Promise<void>
}

export async function startTraceStore(t: Test): Promise<TraceStore> {
  const [otlpPort, queryPort] = [await freePort(), await freePort()]
  const data = await mkdtemp(join(tmpdir(), 'leadlight-traces-'))
  await chmod(data, 0o711)
  t.teardown(() => rm(data, { recursive: true, force: true }))
  const jaeger = startChild({
    file: await toolPath('jaeger'),
    args: ['--config', fileURLToPath(new URL('../../stack/jaeger.yaml', import.meta.url))],
    env: { TRACES_OTLP_PORT: `${otlpPort}`, TRACES_PORT: `${queryPort}`, JAEGER_DATA: data },
  })
  for (const stream of [jaeger.stdout, jaeger.stderr]) stream.resume()
  t.teardown(() => jaeger.stop(10_000))
  return {
    url: `http://127.0.0.1:${queryPort}`,
    async take(body) {
      const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
      const isTaken = () =>
        fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, request).then(
          ({ ok }) => ok,
          () => false,
        )
      if (!(await waitFor(isTaken, { timeoutMs: 60_000 }))) throw new Error('Jaeger takes no spans')
    },
  }
}
