// Reads from a browser's trace what one script has cost its page's main thread, and what it asked for in idle time.

/** One event of Chromium's trace format; times in microseconds, `tdur` without the time that other threads had the processor. */
export type TraceEvent = {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  tdur?: number
  args?: { data?: { url?: string } }
}

/** What a trace must be made of. */
export const traceCategories = ['devtools.timeline', 'disabled-by-default-devtools.timeline']

export type ScriptTime = {
  /** Milliseconds of processor time: evaluating the script and every call into it, what the browser does meanwhile included. */
  startMs: number
  /** The same within idle callbacks. */
  idleMs: number
  /** Of the tasks outside of idle callbacks in which the script ran, the longest. */
  longestTaskMs: number
  /** Addresses that the page asked for within idle callbacks. */
  idleRequests: string[]
}

export function readScriptTime(events: TraceEvent[], script: string): ScriptTime {
  const ours = outermost(
    events.filter(({ name, args }) => /^(EvaluateScript|FunctionCall)$/.test(name) && args?.data?.url === script),
  )
  const named = (wanted: string) => events.filter(({ name }) => name === wanted)
  const idle = named('FireIdleCallback')
  const isIdle = (event: TraceEvent) => idle.some((callback) => contains(callback, event))
  const atStart = ours.filter((event) => !isIdle(event))
  const tasks = named('RunTask').filter((task) => atStart.some((event) => contains(task, event)))
  return {
    startMs: sumMs(atStart),
    idleMs: sumMs(ours.filter(isIdle)),
    longestTaskMs: Math.max(0, ...tasks.map((task) => sumMs([task]))),
    idleRequests: named('ResourceSendRequest')
      .filter(isIdle)
      .map(({ args }) => args?.data?.url ?? ''),
  }
}

const endOf = ({ ts, dur = 0 }: TraceEvent) => ts + dur
const contains = (outer: TraceEvent, inner: TraceEvent) =>
  outer.pid === inner.pid && outer.tid === inner.tid && outer.ts <= inner.ts && endOf(inner) <= endOf(outer)
const outermost = (events: TraceEvent[]) =>
  events.filter((event) => !events.some((other) => other !== event && contains(other, event)))
const sumMs = (events: TraceEvent[]) => events.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1_000
