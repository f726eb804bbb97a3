// The real ingest-service on a database of its own (with what is built into dist/), and visits that come in by its public door.
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { respondsOk } from 'stack/addresses'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { query } from 'stack/postgres'
import { cloneDatabase } from 'stack/test-database'
import { uuid7 } from 'stack/uuid7'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

const file = (name: string) => fileURLToPath(new URL(`../../ingest-service/src/${name}`, import.meta.url))
const origin = 'https://www.acme.example'

export type Tenant = { tenant_id: string; site_key: string }
/** An event without what every event has; `after` is its time after the visit's begin, in milliseconds. */
export type Step = { type: string; after?: number; properties?: object }
export type Visit = { at: Date; page: string; version: string; traceId?: string; steps: Step[] }

export type Service = Awaited<ReturnType<typeof startService>>

export async function startService(t: Test) {
  const { url, superuserUrl } = await cloneDatabase(t)
  const [port, operationsPort] = [await freePort(), await freePort()]
  const child = startChild({
    file: process.execPath,
    args: [file('server.ts')],
    env: {
      DATABASE_URL: url,
      HOST: '127.0.0.1',
      PORT: `${port}`,
      OPERATIONS_PORT: `${operationsPort}`,
      LIMIT_ADDRESS_REQUESTS_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
    },
  })
  t.teardown(() => child.stop(15_000))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  const ready = () => respondsOk(`http://127.0.0.1:${operationsPort}/readyz`)
  if (!(await waitFor(ready, { timeoutMs: 60_000 }))) throw new Error(`ingest-service does not become ready\n${log}`)

  return {
    superuserUrl,
    /** As Grafana asks: in the role that sees views only, and without writing. */
    ask: async (sql: string) =>
      ((await query(url, `set role leadlight_dashboards; set default_transaction_read_only = on; ${sql}`)) as any).at(
        -1,
      ).rows as Record<string, unknown>[],
    async addTenant(name: string): Promise<Tenant> {
      const args = ['tenant', 'add', '--name', name, '--origin', origin, '--time-zone', 'UTC', '--json']
      const program = startChild({
        file: process.execPath,
        args: [file('leadlight.ts'), ...args],
        env: { DATABASE_URL: url },
      })
      const [answer, errors] = await Promise.all([text(program.stdout), text(program.stderr)])
      if ((await program.exited) !== 'exit code 0') throw new Error(errors)
      return JSON.parse(answer)
    },
    /** Sends one visit as a browser would; fails unless every event is stored. */
    async visit({ site_key }: Tenant, { at, page, version, traceId, steps }: Visit) {
      const startMs = at.getTime()
      const session_id = uuid7(startMs)
      const events = steps.map(({ type, after = 0, properties = {} }) => ({
        id: uuid7(startMs + after),
        type,
        session_id,
        page,
        ...(traceId ? { trace_id: traceId } : {}),
        properties,
      }))
      const body = JSON.stringify({ site_key, sent_at: new Date().toISOString(), widget_version: version, events })
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/widget/events`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin },
        body,
      })
      const result = (await answer.json()) as { accepted?: number }
      if (result.accepted !== events.length) throw new Error(`${answer.status} ${JSON.stringify(result)}`)
    },
  }
}
