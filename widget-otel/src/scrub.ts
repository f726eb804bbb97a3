// Takes out of text what might name a person, before anything is queued. The service does the same again.
import { maxMessageLength, maxPageLength } from 'contract/limits'

/** Text without addresses, numbers and keys, cut to a length in UTF-16 units. */
export const scrubText = (text: unknown, maxLength = maxMessageLength): string =>
  `${text ?? ''}`
    // cut first as well: the patterns take quadratic time on long text without spaces
    .slice(0, 4 * maxLength)
    .replace(/\w+:\/\/\S+/g, '<url>')
    .replace(/\S+@\S+/g, '<email>')
    // long with a digit in it: an id or a key
    .replace(/(?=[\w-]*\d)[\w-]{20,}/g, '<token>')
    .replace(/\+?\d[\d\s().-]{5,}\d/g, '<number>')
    .slice(0, maxLength)
    // NUL and halves of surrogate pairs (as a cut may leave) are taken by no database
    .replace(/[\0\ud800-\udfff]/gu, '')

/** A path as `location` gives it; segments that look like an address, a long number or a token are replaced. */
export const scrubPath = (path: string): string =>
  // most paths have neither, and then nothing to replace: each pattern is compiled when it is first used
  (/[\d@]/.test(path) ? path.replace(/[^/]+/g, scrubSegment) : path).slice(0, maxPageLength)

const scrubSegment = (segment: string): string =>
  /@|%40/.test(segment)
    ? '<email>'
    : /\d{5}/.test(segment)
      ? '<number>'
      : // long with a digit in it, and not just words and years joined by hyphens or underscores
        /^(?=.*\d).{20}/.test(segment) && !/^(([a-z]+|\d{1,4})([-_]|$))+$/i.test(segment)
        ? '<token>'
        : segment
