// Takes out of text what might name a person, before anything is queued. The service does the same again.
import { maxMessageLength, maxPageLength } from 'contract/limits'

const replacements: [RegExp, string][] = [
  [/\w+:\/\/\S+/g, '<url>'],
  [/\S+@\S+/g, '<email>'],
  // long with a digit in it: an id or a key
  [/(?=[\w-]*\d)[\w-]{20,}/g, '<token>'],
  [/\+?\d[\d\s().-]{5,}\d/g, '<number>'],
]

/** Text without addresses, numbers and keys, cut to a length in UTF-16 units. */
export const scrubText = (text: unknown, maxLength = maxMessageLength): string =>
  replacements
    // cut first as well: the patterns take quadratic time on long text without spaces
    .reduce(
      (rest, [pattern, placeholder]) => rest.replace(pattern, placeholder),
      `${text ?? ''}`.slice(0, 4 * maxLength),
    )
    .slice(0, maxLength)
    // NUL and halves of surrogate pairs (as a cut may leave) are taken by no database
    .replace(/[\0\ud800-\udfff]/gu, '')

/** A path as `location` gives it; segments that look like an address, a long number or a token are replaced. */
export const scrubPath = (path: string): string => path.replace(/[^/]+/g, scrubSegment).slice(0, maxPageLength)

const scrubSegment = (segment: string): string =>
  /@|%40/.test(segment)
    ? '<email>'
    : /\d{5}/.test(segment)
      ? '<number>'
      : // long with a digit in it, and not just words and years joined by hyphens or underscores
        /^(?=.*\d).{20}/.test(segment) && !/^(([a-z]+|\d{1,4})([-_]|$))+$/i.test(segment)
        ? '<token>'
        : segment
