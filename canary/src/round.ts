// One round: a visit is sent and looked for wherever it must arrive, each place by itself and for as long as the round lasts.
import { setTimeout } from 'node:timers/promises'
import type { CanaryCheck } from 'contract/metrics'
import { createVisit, type Door, sendEvent, sendSpan } from './visit.ts'
import { countSpans, hasRow, hasTrace, type Metrics, type Reader } from './whereabouts.ts'

export type Places = {
  door: Door
  reader: Reader
  /** Without it the metric is not looked for. */
  metrics: Metrics | undefined
}

export type Result = {
  check: CanaryCheck
  /** From the visit to its being found, in milliseconds; undefined when it was not found. */
  delayMs?: number
  /** Why it was not found. */
  problem?: string
  /** The server's clock minus ours in milliseconds, where it answered with its time. */
  skewMs?: number
}

const pollMs = 500

/** Reports each check as soon as it is over; resolves after about `patienceMs` at the latest, whatever fails. */
export async function runRound(
  { door, reader, metrics }: Places,
  patienceMs: number,
  report: (result: Result) => void,
): Promise<void> {
  const visit = createVisit()
  const before = metrics ? await countSpans(metrics).catch(() => undefined) : undefined
  const startedMs = performance.now()
  const endMs = startedMs + patienceMs

  async function check(check: CanaryCheck, find: () => Promise<boolean>): Promise<Result> {
    let problem = 'it did not arrive in time'
    do {
      try {
        if (await find()) return { check, delayMs: performance.now() - startedMs }
        problem = 'it did not arrive in time'
      } catch (error) {
        problem = describe(error as Error)
      }
      await setTimeout(pollMs)
    } while (performance.now() < endMs)
    return { check, problem }
  }

  const event = sendEvent(door, visit).then(
    (serverMs): Result => {
      const delayMs = performance.now() - startedMs
      return { check: 'event', delayMs, skewMs: serverMs - (Date.now() - delayMs / 2) }
    },
    (error: Error): Result => ({ check: 'event', problem: describe(error) }),
  )
  const span = sendSpan(door, visit).then(
    () => undefined,
    (error: Error) => describe(error),
  )
  const after = async (sent: Promise<string | undefined>, name: CanaryCheck, find: () => Promise<boolean>) => {
    const problem = await sent
    return problem ? { check: name, problem } : check(name, find)
  }
  const eventProblem = event.then(({ problem }) => problem)
  const checks: Promise<Result>[] = [
    event,
    after(eventProblem, 'row', () => hasRow(reader, visit)),
    ...(metrics
      ? [
          after(span, 'metric', async () => {
            const count = await countSpans(metrics)
            // less than before: the collector has begun to count anew
            return before === undefined ? false : count > before || (count < before && count > 0)
          }),
        ]
      : []),
    // a trace is found by way of its lead
    after(
      Promise.all([eventProblem, span]).then((problems) => problems.find(Boolean)),
      'trace',
      () => hasTrace(reader, visit),
    ),
  ]
  await Promise.all(checks.map((result) => result.then(report)))
}

/** `fetch failed` alone would not say why. */
function describe(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause ? `${error.message}: ${cause.code ?? cause.message}` : error.message
}
