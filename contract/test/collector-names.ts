// Finds where the collector's configuration and the contract differ.
import { uuid7Pattern } from 'contract/envelope'
import { eventTypes } from 'contract/events'
import { maxDurationMs, maxSpansDecompressedBytes, maxVersionLength } from 'contract/limits'
import { apiCallSpan, attributes, operations, otherSpan, scopeName, serviceName, tenantHeader } from 'contract/spans'

const spanNames: string[] = [...eventTypes, apiCallSpan]

/** What must stand in the configuration, in so many words. */
const spelled: Record<string, string> = {
  'the names of spans': `IsMatch(span.name, "^(${spanNames.join('|')})$")`,
  'the name of unknown spans': `set(span.name, "${otherSpan}")`,
  'the operations': `"^(${operations.join('|')})$"`,
  'the form of session ids': `IsMatch(span.attributes["${attributes.sessionId}"], "${uuid7Pattern}")`,
  'the service': `set(resource.attributes["${attributes.serviceName}"], "${serviceName}")`,
  'the scope': `set(scope.name, "${scopeName}")`,
  'the longest version': `]{1,${maxVersionLength}}$")`,
  'the longest span': `> ${maxDurationMs}000000`,
  'the largest request': `max_request_body_size: ${maxSpansDecompressedBytes}`,
  'the tenant from its header': `{key: ${attributes.tenantId}, action: upsert, from_context: metadata.${tenantHeader}}`,
}

export function wrongInCollector(config: string): string[] {
  const all = (pattern: RegExp) => [...config.matchAll(pattern)].map(([, word = '']) => word)
  const keys: string[] = Object.values(attributes)
  const used = [...all(/\.attributes\["([^"]+)"\]/g), ...all(/dimensions: \[\{name: ([^}]+)\}\]/g)]
  return [
    ...Object.entries(spelled)
      .filter(([, text]) => !config.includes(text))
      .map(([what, text]) => `${what} must read ${text}`),
    ...used.filter((key) => !keys.includes(key)).map((key) => `attribute ${key}`),
    ...all(/span\.name [!=]= "([^"]*)"/g)
      .filter((name) => !spanNames.includes(name))
      .map((name) => `span ${name}`),
  ]
}
