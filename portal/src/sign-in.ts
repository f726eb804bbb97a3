// The view for someone without a session: where the link comes from, and a field for it.
import { Unreachable } from './analytics.ts'
import { element } from './element.ts'
import { languagePicker } from './language-picker.ts'
import { say } from './messages.ts'
import { findToken, signIn } from './session.ts'

/** Why an attempt failed, in words. */
export function describeFailure(error: unknown): string {
  if (error instanceof Unreachable) {
    const seconds = Math.ceil(error.retryAfterMs / 1000)
    return seconds > 0 ? say('signInAgainIn', { seconds }) : say('signInAgain')
  }
  return say('linkInvalid')
}

export function signInView(trouble: string | null, onSignedIn: () => void): HTMLElement {
  const field = element('input', {
    id: 'token',
    name: 'token',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'where',
  })
  const button = element('button', { type: 'submit', class: 'primary' }, say('signIn'))
  const alert = element('p', { role: 'alert', class: 'trouble' }, trouble)
  alert.hidden = trouble === null
  const form = element(
    'form',
    {},
    element('label', { for: 'token' }, say('linkField')),
    element('div', { class: 'field' }, field, button),
    alert,
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.disabled = true
    alert.hidden = true
    try {
      await signIn(findToken(field.value))
      onSignedIn()
    } catch (error) {
      alert.textContent = describeFailure(error)
      alert.hidden = false
      button.disabled = false
      field.select()
      field.focus()
    }
  })
  return element(
    'main',
    { class: 'sign-in' },
    element('h1', {}, say('question')),
    element('p', { id: 'where' }, say('whereLink')),
    form,
    element('p', { class: 'quiet' }, say('staysSignedIn')),
    languagePicker(),
  )
}
