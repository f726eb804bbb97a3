// A visitor's browser in a process of its own: sends batches and writes down each answer, on the disk before it goes on.
import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { uuid7 } from 'stack/uuid7'
import type { Answer, Drive } from './ledger.ts'

const { urls, siteKey, book, lanes, eventsPerBatch } = JSON.parse(process.argv[2] ?? '') as Drive

/** A browser would wait longer; here it only delays the test. */
const retryMs = 50
/** Nobody may be left without an answer for so long. */
const answerMs = 15_000

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const file = await open(book, 'a')

async function write(answer: Answer): Promise<void> {
  await file.appendFile(`${JSON.stringify(answer)}\n`)
  await file.datasync()
}

async function post(url: string, events: { id: string }[]): Promise<Answer> {
  const sentAt = Date.now()
  const startedMs = performance.now()
  const answer: Answer = { at: sentAt, ms: 0, status: 0, events: events.length }
  try {
    const response = await fetch(`${url}/api/v1/widget/events`, {
      method: 'POST',
      body: JSON.stringify({ site_key: siteKey, sent_at: new Date(sentAt).toISOString(), events }),
      signal: AbortSignal.timeout(answerMs),
    })
    const { accepted, duplicates, code } = await response.json()
    answer.status = response.status
    if (response.status === 200) Object.assign(answer, { accepted, duplicates, ids: events.map(({ id }) => id) })
    else Object.assign(answer, { code, retryAfter: response.headers.get('retry-after') })
  } catch (error) {
    // half an answer is none: what became of the batch is unknown
    answer.status = 0
    answer.code = (error as Error).name === 'TimeoutError' ? 'timeout' : 'network'
  }
  answer.ms = Math.round(performance.now() - startedMs)
  return answer
}

/**
 * One batch after the other; whatever is not answered with 200 is sent again. Of several addresses every other lane takes
 * the next one, the others send to all at once: the same events then race each other.
 */
async function drive(lane: number): Promise<void> {
  const session_id = uuid7(Date.now() - 1_000)
  for (let sent = lane; !stop.signal.aborted; ) {
    const now = Date.now()
    const events = Array.from({ length: eventsPerBatch }, (_, i) => ({
      id: uuid7(now),
      type: 'message_sent',
      session_id,
      properties: { position: i + 1 },
    }))
    for (let done = false; !done; ) {
      const targets = lane % 2 === 0 ? [urls[sent++ % urls.length]!] : urls
      const answers = await Promise.all(targets.map((url) => post(url, events)))
      for (const answer of answers) await write(answer)
      done = answers.some(({ status }) => status === 200)
      if (done) continue
      if (stop.signal.aborted) return
      await setTimeout(retryMs)
    }
  }
}

await Promise.all(Array.from({ length: lanes }, (_, lane) => drive(lane)))
await file.close()
