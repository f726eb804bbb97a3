// An independent book of what a client sent and what it was promised, compared with what the database holds afterwards.
import type pg from 'pg'

export type Ledger = {
  /** Sends batches one after another until told to stop; a batch without an answer is sent again, as a browser would. */
  drive(signal: AbortSignal): Promise<void>
  readonly acknowledged: number
  readonly resent: number
  compare(db: pg.Pool): Promise<{ missing: number; twice: number; uncounted: number }>
}

export type Target = { url: string; siteKey: string; tenantId: string }

const eventsPerBatch = 20
const retryMs = 20

export function openLedger({ url, siteKey, tenantId }: Target): Ledger {
  const promised = new Set<string>()
  let resent = 0
  let counter = 0

  const uuid7 = (ms: number): string => {
    const time = Math.floor(ms).toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${(counter++ % 0x1000).toString(16).padStart(3, '0')}-8${crypto.randomUUID().slice(20)}`
  }

  async function send(events: { id: string }[]): Promise<boolean> {
    const body = JSON.stringify({ site_key: siteKey, sent_at: new Date().toISOString(), events })
    const response = await fetch(`${url}/api/v1/widget/events`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(10_000),
    })
    const verdict = await response.json()
    if (response.status !== 200) return false
    if (verdict.accepted + verdict.duplicates !== events.length)
      throw new Error(`unexpected verdict ${JSON.stringify(verdict)}`)
    for (const { id } of events) promised.add(id)
    return true
  }

  return {
    async drive(signal) {
      const session_id = uuid7(Date.now() - 1_000)
      while (!signal.aborted) {
        const now = Date.now()
        const events = Array.from({ length: eventsPerBatch }, (_, i) => ({
          id: uuid7(now),
          type: 'message_sent',
          session_id,
          properties: { position: i + 1 },
        }))
        while (!(await send(events).catch(isNetworkFailure))) {
          if (signal.aborted) return
          resent++
          await new Promise((resolve) => setTimeout(resolve, retryMs))
        }
      }
    },
    get acknowledged() {
      return promised.size
    },
    get resent() {
      return resent
    },
    async compare(db) {
      const { rows } = await db.query<{ id: string; copies: number }>(
        'select id, count(*)::int as copies from leadlight.events where tenant_id = $1 group by id',
        [tenantId],
      )
      const stored = new Set(rows.map((row) => row.id))
      const { rows: sums } = await db.query<{ messages: number }>(
        'select coalesce(sum(messages), 0)::int as messages from leadlight.sessions where tenant_id = $1',
        [tenantId],
      )
      return {
        missing: [...promised].filter((id) => !stored.has(id)).length,
        twice: rows.filter((row) => row.copies > 1).length,
        // sessions count an event if and only if it is stored
        uncounted: Math.abs(rows.length - sums[0]!.messages),
      }
    },
  }
}

/** A connection that broke says nothing of what became of the batch. */
function isNetworkFailure(error: Error): false {
  if (error instanceof TypeError || error.name === 'TimeoutError' || error instanceof SyntaxError) return false
  throw error
}
