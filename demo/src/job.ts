// The shapes of the chat: a job, what a visitor says about it, what the estimator replies.
import { oneOf } from 'contract/one-of'
import Type, { type Static } from 'typebox'
import { materials, type Question, questions, services } from './conversation.ts'

/** All that an estimate needs. */
export const Job = Type.Object(
  {
    service: oneOf(services),
    square_feet: Type.Integer({ minimum: 100, maximum: 50_000 }),
    material: oneOf(materials),
  },
  { additionalProperties: false },
)
export type Job = Static<typeof Job>

export const Message = Type.Object(
  { asked: oneOf(questions), text: Type.String({ minLength: 1, maxLength: 500 }) },
  { additionalProperties: false },
)
export type Message = Static<typeof Message>

export const Reply = Type.Object({
  text: Type.String(),
  understood: Type.Partial(Job),
  /** The next question, or null when an estimate can be made. */
  next: Type.Unsafe<Question | null>({ type: ['string', 'null'] }),
  suggestions: Type.Array(Type.String()),
})
export type Reply = Static<typeof Reply>
