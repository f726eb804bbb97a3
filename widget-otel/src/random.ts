// Random bytes as hex digits: what every id is made of.

export const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

export const randomHex = (bytes: number): string =>
  [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => hex(byte, 2)).join('')
