// Six hundred things that must not leave a page: what people and programs put into addresses, messages and properties.

type Kind = { name: string; make: (index: number) => string }

const digits = (seed: number, count: number) =>
  Array.from({ length: count }, (_, place) => (seed * 7 + place * 3 + ((seed >> place) & 5)) % 10).join('')
const letters = (seed: number, count: number, alphabet: string) =>
  Array.from(
    { length: count },
    (_, place) => alphabet[(seed * 31 + place * place * 7 + place * 13) % alphabet.length],
  ).join('')
const base62 = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const hex = '0123456789abcdef'

/** Each is unlike any other, so that finding one says where it came from. */
const kinds: Kind[] = [
  { name: 'e-mail address', make: (index) => `jane.doe${index}@mail${index}.example` },
  { name: 'e-mail address with a tag', make: (index) => `j.smith+roof${index}@example.co.uk` },
  { name: 'phone number', make: (index) => `+1 (${500 + index}) 555-${digits(index, 4)}` },
  { name: 'phone number without spaces', make: (index) => `+43660${digits(index, 4)}${1000 + index}` },
  {
    name: 'card number',
    make: (index) => `4${digits(index, 3)} ${digits(index + 1, 4)} ${1000 + index} ${digits(index, 4)}`,
  },
  { name: 'account number', make: (index) => `DE89${digits(index, 14)}${1000 + index}` },
  {
    name: 'UUID',
    make: (index) =>
      `7${letters(index, 7, hex)}-${letters(index, 4, hex)}-4${letters(index + 3, 3, hex)}-a${letters(index, 3, hex)}-${1000 + index}${letters(index, 8, hex)}`,
  },
  {
    name: 'JSON web token',
    make: (index) =>
      `eyJhbGciOiJIUzI1NiJ9.${letters(index, 24, base62)}${100 + index}.${letters(index + 5, 30, base62)}7`,
  },
  { name: 'API key', make: (index) => `sk_live_${letters(index, 20, base62)}${100 + index}` },
  { name: 'session id', make: (index) => `${letters(index, 28, hex)}${1000 + index}` },
]

export type Secret = { kind: string; text: string }

/** So many of each kind. */
export const makeSecrets = (ofEach: number): Secret[] =>
  kinds.flatMap(({ name, make }) => Array.from({ length: ofEach }, (_, index) => ({ kind: name, text: make(index) })))
