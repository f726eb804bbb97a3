// What a refused event looked like, without what somebody may have written into it: names of fields, numbers, lengths of texts.
import { scrubMessage, scrubPage } from './scrub.ts'

const maxLength = 1_024
const maxFields = 30
const maxDepth = 3

/** At most 1,024 characters. Texts are told by their length, unless they have the form of what belongs there. */
export function excerptOf(event: unknown): string {
  const text = JSON.stringify(show(event, '', maxDepth)) ?? 'null'
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`
}

function show(value: unknown, name: string, depth: number): unknown {
  if (typeof value === 'string')
    return isHarmless(name, value) ? value : name === 'page' ? scrubPage(value) : `<${value.length} characters>`
  // more digits may be somebody's number
  if (typeof value === 'number') return Math.abs(value) < 1e6 ? value : '<number>'
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return Array.isArray(value) ? `<${value.length} values>` : '<object>'
  if (Array.isArray(value)) return value.slice(0, maxFields).map((each) => show(each, '', depth - 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, maxFields)
      .map(([key, field]) => [isName(key) ? key : `<${key.length} characters>`, show(field, key, depth - 1)]),
  )
}

/** As programmers name things; text that a scrubber would change is no name. */
const isName = (text: string): boolean => /^[a-z_$][\w$.-]{0,63}$/i.test(text) && scrubMessage(text) === text

// a map: a field may be called `constructor`
const forms = new Map([
  ['type', /^[a-z][a-z_]{0,63}$/],
  ['id', /^[0-9a-f-]{36}$/i],
  ['session_id', /^[0-9a-f-]{36}$/i],
  ['trace_id', /^[0-9a-f]{32}$/i],
  ['span_id', /^[0-9a-f]{16}$/i],
])
const isHarmless = (name: string, text: string): boolean => forms.get(name)?.test(text) ?? false
