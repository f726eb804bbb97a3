// Chooses the language of the page: every language by its own name.
import { element } from './element.ts'
import { chooseLanguage, type Language, language, languages, say } from './messages.ts'

export function languagePicker(): HTMLElement {
  const select = element(
    'select',
    { id: 'language', 'aria-label': say('language') },
    ...Object.entries(languages).map(([tag, name]) =>
      element('option', { value: tag, lang: tag, selected: tag === language }, name),
    ),
  )
  select.addEventListener('change', () => chooseLanguage(select.value as Language))
  return select
}
