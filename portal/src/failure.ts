// What failed, in words: where in the widget, at what, and the program's own name for it.
import type { errorSources } from 'contract/choices'
import type { Operation } from 'contract/spans'
import { type Key, say } from './messages.ts'

const sources: Record<(typeof errorSources)[number], Key> = {
  load: 'sourceLoad',
  api: 'sourceApi',
  render: 'sourceRender',
  unhandled: 'sourceUnhandled',
  other: 'sourceOther',
}
const operations: Record<Operation, Key> = {
  load_config: 'operationConfig',
  send_message: 'operationMessage',
  create_estimate: 'operationEstimate',
  submit_lead: 'operationLead',
  request_quote: 'operationQuote',
  other: 'operationOther',
}

export const nameOperation = (operation: unknown): string => say(operations[operation as Operation] ?? 'operationOther')

export function describeFailure({
  type,
  source,
  operation,
}: {
  type: string
  source: string | null
  operation: string | null
}): string {
  const where = source && say(sources[source as keyof typeof sources] ?? 'sourceOther')
  return [type, where, operation && nameOperation(operation)].filter(Boolean).join(' · ')
}
