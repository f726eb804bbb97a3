// One word of a closed list, as a schema and as a type.
import Type from 'typebox'

export const oneOf = <const T extends readonly string[]>(words: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words] })
