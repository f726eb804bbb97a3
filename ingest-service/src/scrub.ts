// Takes out of free text what might name a person. The browser did so before; this is the second pair of eyes.
import { maxMessageLength, maxPageLength } from 'contract/limits'

// bounded, or at the beginning of a run only: whoever writes 8 KB of what nearly matches must not hold up everyone else
const replacements: [RegExp, string][] = [
  [/\b[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi, '<url>'],
  [/[^\s@<>"']{1,64}@[^\s@<>"']{1,255}\.[^\s@<>"']+/g, '<email>'],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?/g, '<token>'],
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{20,}/gi, '<token>'],
  [/\b(?=[0-9a-f:]{0,38}\d)[0-9a-f]{1,4}(?:::?[0-9a-f]{1,4}){2,7}\b/gi, '<number>'],
  [/\+?\d[\d\s().-]{5,}\d/g, '<number>'],
]

/** Text of an error without addresses, numbers and keys, cut at a number of characters. */
export const scrubMessage = (message: string, maxLength = maxMessageLength): string =>
  cut(
    replacements.reduce((text, [pattern, placeholder]) => text.replace(pattern, placeholder), message),
    maxLength,
  )

/** A page's path: no query, no fragment; segments that look like an address, a long number or a token are replaced. */
export function scrubPage(page: string): string {
  const path = page.replace(/[?#].*$/s, '')
  return cut(path.split('/').map(scrubSegment).join('/'), maxPageLength)
}

function scrubSegment(segment: string): string {
  const text = decode(segment)
  if (text.includes('@')) return '<email>'
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return '<number>'
  if ((/^[\d\s+().-]+$/.test(text) && /\d{5}/.test(text)) || /\d{7}/.test(text)) return '<number>'
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text)) return '<token>'
  // long and mixed: an id or a key, not words joined by hyphens
  if (text.length >= 20 && /\d/.test(text) && /[a-z]/i.test(text) && !/^[a-z]+(?:-[a-z0-9]{1,12})+$/.test(text))
    return '<token>'
  return segment
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Cuts at a number of UTF-16 units without leaving half a character. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const short = text.slice(0, length)
  return short.isWellFormed() ? short : short.slice(0, -1)
}
