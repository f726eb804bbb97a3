// A button that puts a text where it can be pasted, and says that it did.
import { element } from './element.ts'
import { say } from './messages.ts'

const saidMs = 3_000

export function copyButton(text: () => string): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'copy', 'aria-live': 'polite' }, say('copy'))
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text())
      button.textContent = say('copied')
      setTimeout(() => {
        button.textContent = say('copy')
      }, saidMs)
    } catch {
      // without permission the text is still there to be selected
    }
  })
  return button
}
