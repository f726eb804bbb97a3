// The words of the page in the reader's language, with numbers and plurals as that language has them.
import { de } from './messages/de.ts'
import { en } from './messages/en.ts'

export type Plural = { one: string; other: string }
export type Key = keyof typeof en
export type Messages = { [K in Key]: (typeof en)[K] extends string ? string : Plural }

/** Each by its own name. */
export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages
const locales: Record<Language, string> = { en: 'en-US', de: 'de-DE' }
const all: Record<Language, Messages> = { en, de }

/** Where a choice is kept; without one the browser's languages decide. */
const chosenIn = 'leadlight:language'

export const language: Language = findLanguage()
export const locale = locales[language]

const rules = new Intl.PluralRules(locale)
const whole = new Intl.NumberFormat(locale)

/** The message with its placeholders filled; its plural goes by `count`. */
export function say(key: Key, values: Record<string, string | number> = {}): string {
  const message: string | Plural = all[language][key]
  const form =
    typeof message === 'string' ? message : message[rules.select(Number(values.count)) === 'one' ? 'one' : 'other']
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? ''
    return typeof value === 'number' ? whole.format(value) : value
  })
}

export function chooseLanguage(chosen: Language): void {
  try {
    localStorage.setItem(chosenIn, chosen)
  } catch {
    // without storage the choice cannot be kept
    return
  }
  location.reload()
}

function findLanguage(): Language {
  if (typeof document === 'undefined') return 'en'
  const wanted = [readChoice(), ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase())
  return wanted.find((tag): tag is Language => tag in languages) ?? 'en'
}

function readChoice(): string {
  try {
    return localStorage.getItem(chosenIn) ?? ''
  } catch {
    return ''
  }
}
