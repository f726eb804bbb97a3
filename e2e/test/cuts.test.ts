import { setTimeout } from 'node:timers/promises'
import { dose } from 'stack/dose'
import { waitFor } from 'stack/wait'
import t from 'tap'
import { startDatabase } from './database.ts'
import { type Answer, openLedger, slowestMs } from './ledger.ts'
import { type Fault, startProxy } from './proxy.ts'
import { startService } from './service.ts'

const rounds = dose({ short: 1, long: 20 })
const timeout = dose({ short: 300_000, long: 3_600_000 })
/** How long each fault lasts, in milliseconds: longer than the service waits for anything. */
const holdMs = dose({ short: 4_000, long: 8_000 })
const recoveryMs = 10_000
/** The least that can be said of every answer while the database is away. */
const answerMs = 10_000

/** ReadyForQuery, outside of a transaction: what PostgreSQL sends after the commit. */
const readyForQuery = Buffer.from('Z\0\0\0\x05I', 'latin1')
const endsInReadyForQuery = (answer: Buffer): boolean => answer.subarray(-readyForQuery.length).equals(readyForQuery)
const storesEvents = (sent: Buffer): boolean => sent.includes('message_sent')

const faults: Record<string, { fault: Fault; ms: number }> = {
  'the request is cut off before the database has it': { fault: { kind: 'cut request', when: storesEvents }, ms: 500 },
  'the answer of the COMMIT is lost': { fault: { kind: 'cut answer', when: storesEvents }, ms: 500 },
  'connections are reset': { fault: { kind: 'reset' }, ms: holdMs },
  'nothing comes back and nobody is told': { fault: { kind: 'stall' }, ms: holdMs },
  'every piece takes a tenth of a second': { fault: { kind: 'slow', ms: 100 }, ms: 1_000 },
  'every piece takes a second': { fault: { kind: 'slow', ms: 1_000 }, ms: holdMs },
  'every piece takes five seconds': { fault: { kind: 'slow', ms: 5_000 }, ms: holdMs },
}

t.test('cuts between service and database', { timeout }, async (t) => {
  const database = await startDatabase(t)
  const proxy = await startProxy(t, database.port, endsInReadyForQuery)
  const url = new URL(database.url)
  url.port = `${proxy.port}`
  const service = await startService(t, url.href)
  const ledger = openLedger(t, { urls: [service.url], siteKey: database.tenant.site_key, lanes: 8 })
  await ledger.goesOn()

  for (const [name, { fault, ms }] of Object.entries(faults)) {
    let recoveredMs = 0
    const before = ledger.answers().length
    for (let round = 0; round < rounds; round++) {
      proxy.set(fault)
      await setTimeout(ms)
      if (!(await waitFor(() => proxy.felt() > 0, { timeoutMs: 60_000 }))) throw new Error(`${name}: nobody felt it`)
      const healedAt = performance.now()
      proxy.heal()
      await ledger.goesOn()
      recoveredMs = Math.max(recoveredMs, performance.now() - healedAt)
    }
    const answers = ledger.answers().slice(before)
    const longestMs = slowestMs(answers)
    t.comment(
      `${name}: ${tally(answers)}; slowest answer ${longestMs} ms, works again after ${recoveredMs.toFixed(0)} ms`,
    )
    t.ok(longestMs < answerMs, `${name}: nobody waits ${answerMs / 1_000} s for an answer`)
    t.ok(recoveredMs < recoveryMs, `${name}: works again within ${recoveryMs / 1_000} s`)
    if (fault.kind === 'cut answer')
      t.ok(
        answers.some(({ duplicates }) => duplicates),
        `${name}: it was stored, and is known when it comes again`,
      )
  }

  const compared = await ledger.close(database.superuserUrl, database.tenant.tenant_id)
  t.comment(`${ledger.acknowledged()} events acknowledged, ${compared.missing} missing, ${compared.twice} stored twice`)
  t.strictSame(compared, { missing: 0, twice: 0, uncounted: 0, overcounted: 0, senseless: [] })
  t.notOk(
    ledger.answers().some(({ status }) => status === 0),
    'no client was left without an answer',
  )
})

function tally(answers: Answer[]): string {
  const counts = new Map<string, number>()
  for (const { status, code } of answers) {
    const verdict = `${status} ${code ?? ''}`.trim()
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  }
  return [...counts].map(([verdict, count]) => `${count} × ${verdict}`).join(', ')
}
