// The what-if panel: shows which switches are pressed, presses them, and tells the widget on this page.
import type { Switches } from './switches.ts'

const buttons = [...document.querySelectorAll<HTMLButtonElement>('[data-switch]')]
const status = document.querySelector('#what-if-status')

function show(switches: Switches): void {
  for (const button of buttons) {
    button.setAttribute('aria-pressed', String(switches[button.dataset.switch as keyof Switches]))
  }
  document.dispatchEvent(new CustomEvent('what-if', { detail: switches }))
}

/** The newest question wins: what was asked before a switch was pressed may be answered after it. */
let turn = 0

async function ask(init?: RequestInit): Promise<void> {
  const mine = ++turn
  try {
    const response = await fetch('/switches', init)
    if (!response.ok) throw new Error(`status ${response.status}`)
    const switches = await response.json()
    if (mine !== turn) return
    show(switches)
    if (status) status.textContent = ''
  } catch {
    if (status) status.textContent = 'The demo does not answer, so its switches are unknown.'
  }
}

for (const button of buttons) {
  button.addEventListener('click', () =>
    ask({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ [button.dataset.switch ?? '']: button.getAttribute('aria-pressed') !== 'true' }),
    }),
  )
}
ask()
