import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { de } from '../src/messages/de.ts'
import { en } from '../src/messages/en.ts'
import { type Plural, say } from '../src/messages.ts'

const sources = join(import.meta.dirname, '../src')
const formsOf = (message: string | Plural): string[] =>
  typeof message === 'string' ? [message] : [message.one, message.other]
const placeholdersOf = (form: string): string[] => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort()

t.test('both languages have the same messages with the same placeholders, in every form', (t) => {
  t.strictSame(Object.keys(de), Object.keys(en))
  for (const [key, message] of Object.entries(en)) {
    const expected = placeholdersOf(formsOf(message)[0]!)
    for (const form of [...formsOf(message), ...formsOf(de[key as keyof typeof en])]) {
      t.strictSame(placeholdersOf(form), expected, `${key}: ${form}`)
      t.ok(form.trim(), `${key} says something`)
    }
  }
  t.end()
})

t.test('every message is used, and no view has words of its own', (t) => {
  const files = globSync('*.ts', { cwd: sources }).map((file) => readFileSync(join(sources, file), 'utf8'))
  const code = files.join('\n')
  t.strictSame(
    Object.keys(en).filter((key) => !code.includes(`'${key}'`)),
    [],
  )
  const words = /element\([^()]*?,\s*'(?=[^']*[a-z] [a-z])[^']*'\s*\)/g
  t.strictSame(
    files.flatMap((file) => file.match(words) ?? []),
    [],
  )
  t.end()
})

t.test('numbers in a message are written as the language writes them, and choose its plural', (t) => {
  t.equal(say('inVisits', { count: 1 }), 'in 1 visit')
  t.equal(say('inVisits', { count: 2_204 }), 'in 2,204 visits')
  t.equal(
    say('refusedSentence', { origin: '<b>{origin}</b>' }).includes('<b>{origin}</b>'),
    true,
    'values stay as they are',
  )
  t.end()
})
