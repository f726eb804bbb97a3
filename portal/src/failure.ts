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

/** A stranger may write `constructor`, which every object has. */
const keyOf = <Name extends string>(names: Record<Name, Key>, name: unknown, other: Key): Key =>
  typeof name === 'string' && Object.hasOwn(names, name) ? names[name as Name] : other

export const nameOperation = (operation: unknown): string => say(keyOf(operations, operation, 'operationOther'))

export function describeFailure({
  type,
  source,
  operation,
}: {
  type: string
  source: string | null
  operation: string | null
}): string {
  const where = source && say(keyOf(sources, source, 'sourceOther'))
  return [type, where, operation && nameOperation(operation)].filter(Boolean).join(' · ')
}
