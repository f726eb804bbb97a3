// How long visitors waited and what failed, in the words of somebody who builds roofs.
import type { Common, Distribution, Performance } from 'contract/analytics'
import { goodLoadSeconds, poorLoadSeconds } from 'contract/thresholds'
import { ask } from './analytics.ts'
import { element, setText } from './element.ts'
import { describeFailure } from './failure.ts'
import { formatCount, formatInterval, formatRate, formatWait } from './format.ts'
import { say } from './messages.ts'
import { tableView } from './table.ts'

type Answer = Performance & Common
type Wait = { name: string; field: string } & Distribution
type Failure = Performance['errors'][number]

/** Fewer loads say little about the slowest quarter of them. */
const minLoads = 20

export type PerformanceView = {
  node: HTMLElement
  load: (query: Record<string, string>, signal: AbortSignal) => Promise<void>
}

export function performanceView(): PerformanceView {
  const speed = element('p', { class: 'sentence' })
  const errors = element('p', { class: 'sentence' })
  const waits = tableView<Wait>({
    name: say('times'),
    columns: [
      { name: say('what'), show: ({ name }) => name },
      { name: say('half'), show: ({ p50 }) => formatWait(p50) },
      { name: say('threeOfFour'), show: ({ p75 }) => formatWait(p75) },
      { name: say('nineteenOfTwenty'), show: ({ p95 }) => formatWait(p95) },
      { name: say('measured'), show: ({ count }) => formatCount(count) },
    ],
    csv: ({ field, p50, p75, p95, count }) => ({ measured: field, p50_ms: p50, p75_ms: p75, p95_ms: p95, count }),
  })
  const failures = tableView<Failure>({
    name: say('failures'),
    columns: [
      { name: say('failures'), show: (failure) => element('span', { class: 'data' }, describeFailure(failure)) },
      { name: say('howOften'), show: ({ count }) => formatCount(count) },
    ],
    csv: ({ type, source, operation, count }) => ({ type, source, operation, count }),
  })
  const rateMeaning = element('p', { class: 'quiet' })

  return {
    node: element(
      'section',
      { class: 'part', 'aria-labelledby': 'performance' },
      element('h2', { id: 'performance' }, say('performanceTitle')),
      speed,
      waits.node,
      errors,
      failures.node,
      rateMeaning,
    ),
    async load(query, signal) {
      const answer = await ask<Answer>('performance', query, signal)
      setText(speed, describeSpeed(answer.load_ms))
      setText(errors, describeErrors(answer))
      setText(rateMeaning, answer.definitions.error_rate ?? '')
      waits.show(
        [
          { name: say('widgetReady'), field: 'load_ms', ...answer.load_ms },
          { name: say('messageAnswered'), field: 'send_message', ...answer.response_ms.send_message },
          { name: say('estimateShown'), field: 'create_estimate', ...answer.response_ms.create_estimate },
        ],
        answer,
      )
      failures.node.hidden = answer.errors.length === 0
      failures.show(answer.errors, answer)
    },
  }
}

function describeSpeed({ p75, count }: Distribution): string {
  if (p75 === null || count < minLoads) return say('loadFew')
  const time = formatWait(p75)
  if (p75 <= goodLoadSeconds * 1_000) return say('loadFast', { time })
  return p75 <= poorLoadSeconds * 1_000 ? say('loadFair', { time }) : say('loadSlow', { time })
}

function describeErrors({ error_rate }: Performance): string {
  const { numerator, denominator } = error_rate
  if (numerator === 0) return say('errorNone', { count: denominator })
  const rate = [formatRate(error_rate), formatInterval(error_rate)].filter(Boolean).join(', ')
  return say('errorSome', { count: numerator, rate })
}
