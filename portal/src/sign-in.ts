// The view for someone without a session: where the link comes from, and a field for it.
import { Unreachable } from './analytics.ts'
import { element } from './element.ts'
import { findToken, signIn } from './session.ts'

/** Why an attempt failed, in words. */
export function describeFailure(error: unknown): string {
  if (error instanceof Unreachable) {
    const seconds = Math.ceil(error.retryAfterMs / 1000)
    return `The service does not answer at the moment. Please try again ${seconds > 0 ? `in ${seconds} s` : 'shortly'}.`
  }
  return 'This link is not valid, or no longer. Please ask for a new one.'
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
  const button = element('button', { type: 'submit', class: 'primary' }, 'Sign in')
  const alert = element('p', { role: 'alert', class: 'trouble' }, trouble)
  alert.hidden = trouble === null
  const form = element(
    'form',
    {},
    element('label', { for: 'token' }, 'Your link or access token'),
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
    element('h1', {}, 'How is your estimate widget doing?'),
    element(
      'p',
      { id: 'where' },
      'This page opens with the personal link that the provider of your estimate widget sent you. Open that link again, or paste it here.',
    ),
    form,
    element(
      'p',
      { class: 'quiet' },
      'This device stays signed in; you can sign out at any time. Lost the link? Your provider can make a new one.',
    ),
  )
}
