// What a PromQL expression names: its metrics with the labels they are selected by, and the labels it groups and joins by.
import { parser } from '@prometheus-io/lezer-promql'

export type Matcher = { label: string; operator: string; value: string }
export type Selector = { metric: string; matchers: Matcher[] }

/** Throws where the expression does not parse. */
export function readPromql(expression: string): { selectors: Selector[]; groupings: string[] } {
  const selectors: Selector[] = []
  const groupings: string[] = []
  parser.parse(expression).iterate({
    enter({ name, type, from, to, node }) {
      if (type.isError) throw new SyntaxError(`not PromQL at ${from}: ${expression}`)
      const text = expression.slice(from, to)
      if (name === 'VectorSelector') {
        const identifier = node.getChild('Identifier')
        selectors.push({ metric: identifier ? expression.slice(identifier.from, identifier.to) : '', matchers: [] })
      }
      if (name.endsWith('LabelMatcher')) readMatcher(text, selectors.at(-1))
      if (name === 'LabelName' && node.parent?.name === 'GroupingLabels') groupings.push(text)
    },
  })
  return { selectors, groupings }
}

function readMatcher(text: string, selector?: Selector) {
  const [, label, operator, value] = /^"?([\w.]+)"?\s*(=~|!~|!=|=)\s*["'`](.*)["'`]$/s.exec(text) ?? []
  if (!selector || !label || !operator || value === undefined) throw new SyntaxError(`no label matcher: ${text}`)
  if (label === '__name__' && operator === '=') selector.metric = value
  else selector.matchers.push({ label, operator, value })
}
