// An independent book of what a client was promised, kept by a process that syncs each line, and its comparison with the database.
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Child, startChild } from 'stack/child'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

/** What the driver is told. */
export type Drive = { urls: string[]; siteKey: string; book: string; lanes: number; eventsPerBatch: number }

/** A line of the book: what one sending of a batch was answered. */
export type Answer = {
  at: number
  ms: number
  /** 0 without an answer; `code` says why. */
  status: number
  events: number
  accepted?: number
  duplicates?: number
  /** Of a batch answered with 200. */
  ids?: string[]
  code?: string
  retryAfter?: string | null
}

/** Of any number of answers: a long run has more than a call takes arguments. */
export const slowestMs = (answers: Answer[]): number => answers.reduce((most, { ms }) => Math.max(most, ms), 0)

export type Comparison = {
  /** Events answered with 200 that are not stored. */
  missing: number
  /** Ids stored more than once. */
  twice: number
  /** Events by which the count of the sessions differs from the stored ones. */
  uncounted: number
  /** Events answered as new more often than there are stored ones. */
  overcounted: number
  /** Answers that no client can make sense of: neither 200, nor a 503 that says when to come again, nor a broken connection. */
  senseless: string[]
}

export type Ledger = {
  /** Events answered with 200 by now. */
  acknowledged(): number
  answers(): Answer[]
  /** Waits for so many more acknowledged events. @throws with the last answers when they do not come */
  goesOn(events?: number): Promise<void>
  /** Kills the driver and starts another with a book of its own; the first one's promises stay. */
  restart(): Promise<void>
  /** Lets the driver end and compares. */
  close(databaseSuperuserUrl: string, tenantId: string): Promise<Comparison>
}

type Options = { urls: string[]; siteKey: string; lanes?: number; eventsPerBatch?: number }

/** The machine may be busy with other things. */
const patienceMs = 60_000
const driverFile = fileURLToPath(new URL('driver.ts', import.meta.url))

/** Starts the driver. */
export function openLedger(t: Test, { urls, siteKey, lanes = 4, eventsPerBatch = 20 }: Options): Ledger {
  const shelf = t.testdir({})
  let books = 0
  let book = ''
  const answers: Answer[] = []
  const promised = new Set<string>()
  let offset = 0
  let rest = ''
  let errors = ''
  let driver = start()
  t.teardown(() => driver.kill())

  function start(): Child {
    book = join(shelf, `book-${++books}`)
    offset = 0
    rest = ''
    const drive: Drive = { urls, siteKey, book, lanes, eventsPerBatch }
    const child = startChild({ file: process.execPath, args: [driverFile, JSON.stringify(drive)] })
    child.stdout.resume()
    child.stderr.on('data', (chunk) => {
      errors = (errors + chunk).slice(-2_000)
    })
    return child
  }

  /** Reads what was added to the book since. */
  function read(): void {
    if (!existsSync(book)) return
    const file = openSync(book, 'r')
    const chunk = Buffer.alloc(1 << 20)
    for (let bytes = readSync(file, chunk, 0, chunk.length, offset); bytes > 0; ) {
      offset += bytes
      const lines = (rest + chunk.toString('latin1', 0, bytes)).split('\n')
      rest = lines.pop()!
      for (const line of lines) note(JSON.parse(line) as Answer)
      bytes = readSync(file, chunk, 0, chunk.length, offset)
    }
    closeSync(file)
  }

  function note(answer: Answer): void {
    const { ids = [], ...others } = answer
    for (const id of ids) promised.add(id)
    answers.push(others)
  }

  const acknowledged = (): number => {
    read()
    return promised.size
  }

  return {
    acknowledged,
    answers() {
      read()
      return answers
    },
    async goesOn(events = 200) {
      const before = acknowledged()
      const moved = () => acknowledged() >= before + events
      if (await waitFor(moved, { timeoutMs: patienceMs, intervalMs: 20 })) return
      const last = answers.slice(-4).map((answer) => JSON.stringify(answer))
      throw new Error(
        `Only ${acknowledged() - before} events were acknowledged in ${patienceMs / 1_000} s; the last answers were ${last.join(', ')}. ${errors}`,
      )
    },
    async restart() {
      driver.kill()
      await driver.exited
      // a line that it had only begun promises nothing
      read()
      driver = start()
    },
    async close(databaseSuperuserUrl, tenantId) {
      await driver.stop(30_000)
      read()
      if (errors) throw new Error(`The driver failed: ${errors}`)
      return compare(databaseSuperuserUrl, tenantId, promised, answers)
    },
  }
}

async function compare(url: string, tenantId: string, promised: Set<string>, answers: Answer[]): Promise<Comparison> {
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  try {
    const { rows } = await db.query<{ id: string; copies: number }>(
      'select id, count(*)::int as copies from leadlight.events where tenant_id = $1 group by id',
      [tenantId],
    )
    const stored = new Set(rows.map((row) => row.id))
    const { rows: sums } = await db.query<{ messages: number }>(
      'select coalesce(sum(messages), 0)::int as messages from leadlight.sessions where tenant_id = $1',
      [tenantId],
    )
    const accepted = answers.reduce((sum, answer) => sum + (answer.accepted ?? 0), 0)
    return {
      missing: [...promised].filter((id) => !stored.has(id)).length,
      twice: rows.filter((row) => row.copies > 1).length,
      // sessions count an event if and only if it is stored
      uncounted: Math.abs(rows.length - sums[0]!.messages),
      overcounted: Math.max(0, accepted - rows.length),
      senseless: [...new Set(answers.filter(isSenseless).map(({ status, code }) => `${status} ${code ?? ''}`.trim()))],
    }
  } finally {
    await db.end()
  }
}

function isSenseless({ status, code, retryAfter, events, accepted = 0, duplicates = 0 }: Answer): boolean {
  if (status === 200) return accepted + duplicates !== events
  if (status === 503) return !retryAfter
  return code !== 'network'
}
