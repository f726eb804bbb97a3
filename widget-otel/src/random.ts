// Random bytes as hex digits: what every id is made of.

export const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

/** Eight digits for each word. */
export const randomHex = (words: number): string =>
  [...crypto.getRandomValues(new Uint32Array(words))].map((word) => hex(word, 8)).join('')
