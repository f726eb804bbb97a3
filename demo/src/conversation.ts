// The scripted estimator: understands one answer at a time and asks for what is missing.
import type { Job, Message, Reply } from './job.ts'

export const services = ['roof-replacement', 'roof-repair', 'gutters'] as const
export const materials = ['asphalt', 'metal', 'tile'] as const
export const questions = ['service', 'size', 'material'] as const
export type Question = (typeof questions)[number]

const asks: Record<Question, { text: string; suggestions: string[] }> = {
  service: { text: 'What can we do for you?', suggestions: ['A new roof', 'Fix a leak', 'New gutters'] },
  size: { text: 'About how large is the roof, in square feet?', suggestions: ['1,200', '2,000', '3,200'] },
  material: { text: 'And what should it be made of?', suggestions: ['Asphalt shingles', 'Metal', 'Tile'] },
}

export const greeting: Reply = {
  ...asks.service,
  text: `Hi, this is Summit’s estimator. ${asks.service.text}`,
  understood: {},
  next: 'service',
}

export function answer({ asked, text }: Message): Reply {
  const understood = understand(asked, text.toLowerCase())
  if (!understood) {
    return { understood: {}, next: asked, ...asks[asked], text: `Sorry, I did not get that. ${asks[asked].text}` }
  }
  const next = questions[questions.indexOf(asked) + 1]
  if (!next) return { understood, next: null, suggestions: [], text: 'Thank you, that is all I need.' }
  return { understood, next, ...asks[next], text: `Got it. ${asks[next].text}` }
}

function understand(asked: Question, text: string): Partial<Job> | null {
  if (asked === 'size') {
    const square_feet = Number(/\d[\d,]*/.exec(text)?.[0].replaceAll(',', ''))
    return square_feet >= 100 && square_feet <= 50_000 ? { square_feet } : null
  }
  if (asked === 'service') {
    const service = firstMatch(text, {
      gutters: /gutter/,
      'roof-repair': /leak|repair|fix/,
      'roof-replacement': /roof|new|replace/,
    })
    return service && { service }
  }
  const material = firstMatch(text, {
    metal: /metal|steel/,
    tile: /tile|slate/,
    asphalt: /asphalt|shingle|not sure|same/,
  })
  return material && { material }
}

function firstMatch<Name extends string>(text: string, patterns: Record<Name, RegExp>): Name | null {
  const names = Object.keys(patterns) as Name[]
  return names.find((name) => patterns[name].test(text)) ?? null
}
