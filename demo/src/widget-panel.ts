// What the visitor sees of the widget: a button and a chat inside a Shadow DOM, so that neither page nor widget styles the other.
import type { Estimate } from './estimate.ts'
import type { Contact } from './widget-api.ts'
import { widgetStyle } from './widget-style.ts'

type Actions = {
  onOpen: () => void
  onMessage: (text: string) => void
  onContact: (contact: Contact) => void
  onQuote: () => void
}

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 })
const phoneNumber = '(303) 555-0142'

export function createPanel({ onOpen, onMessage, onContact, onQuote }: Actions) {
  const host = make('div', { id: 'estimate-widget' })
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(widgetStyle)
  root.adoptedStyleSheets = [sheet]

  const launcher = make(
    'button',
    { type: 'button', class: 'launcher', 'aria-expanded': 'false' },
    'Get an instant estimate',
  )
  const close = make('button', { type: 'button', class: 'close', 'aria-label': 'Close the estimate chat' }, '×')
  const log = make('div', { class: 'log', role: 'log', 'aria-label': 'Conversation', tabindex: '0' })
  const composer = make('div', { class: 'composer' })
  const dialog = make(
    'section',
    { class: 'panel', role: 'dialog', 'aria-label': 'Instant estimate' },
    make('div', { class: 'bar' }, make('strong', {}, 'Instant estimate'), close),
    log,
    composer,
  )
  dialog.hidden = true
  root.append(dialog, launcher)

  function toggle(open: boolean): void {
    dialog.hidden = !open
    launcher.hidden = open
    launcher.setAttribute('aria-expanded', String(open))
    if (open) onOpen()
    else launcher.focus()
  }
  launcher.addEventListener('click', () => toggle(true))
  close.addEventListener('click', () => toggle(false))
  dialog.addEventListener('keydown', (event) => event.key === 'Escape' && toggle(false))

  function add(node: HTMLElement): void {
    log.append(node)
    log.scrollTop = log.scrollHeight
  }
  function compose(...nodes: Node[]): void {
    composer.replaceChildren(...nodes)
    log.scrollTop = log.scrollHeight
    composer.querySelector<HTMLElement>('input, button')?.focus({ preventScroll: true })
  }
  function endWait(): void {
    for (const waiting of log.querySelectorAll('.waiting')) waiting.remove()
  }
  const bubble = (who: 'bot' | 'visitor', text: string) => make('p', { class: who }, text)

  function ask(
    label: string,
    input: Record<string, string>,
    action: string,
    onSubmit: (text: string) => void,
  ): HTMLFormElement {
    const field = make('input', {
      'aria-label': label,
      placeholder: label,
      autocomplete: 'off',
      required: '',
      ...input,
    })
    const form = make('form', {}, field, make('button', { type: 'submit', class: 'primary' }, action))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const text = field.value.trim()
      if (text) onSubmit(text)
    })
    return form
  }

  function send(text: string): void {
    add(bubble('visitor', text))
    onMessage(text)
  }

  return {
    host,
    /** Makes the chat ready; tells whether it is empty. */
    draw(): boolean {
      for (const broken of log.querySelectorAll('.broken')) broken.remove()
      composer.querySelector<HTMLElement>('input, button')?.focus({ preventScroll: true })
      return log.childElementCount === 0
    },
    say(text: string, suggestions: string[]): void {
      endWait()
      add(bubble('bot', text))
      const offers = suggestions.map((words) => {
        const offer = make('button', { type: 'button', class: 'offer' }, words)
        offer.addEventListener('click', () => send(words))
        return offer
      })
      compose(make('div', { class: 'offers' }, ...offers), ask('Write a message', { maxlength: '500' }, 'Send', send))
    },
    wait(): void {
      compose()
      for (const old of log.querySelectorAll('.waiting, .retry')) old.remove()
      add(
        make('p', { class: 'bot waiting', 'aria-label': 'The estimator is writing' }, make('i'), make('i'), make('i')),
      )
    },
    showEstimate({ amount, low, high }: Estimate): void {
      endWait()
      add(
        make(
          'div',
          { class: 'estimate' },
          make('span', {}, 'Your estimate'),
          make('strong', {}, dollars.format(amount)),
          make('span', {}, `Most jobs like this cost ${dollars.format(low)} to ${dollars.format(high)}.`),
        ),
      )
      add(bubble('bot', 'Where may we send it? An e-mail address or a phone number will do.'))
      compose(
        ask('E-mail or phone', { maxlength: '254' }, 'Send it', (text) => {
          const contact = readContact(text)
          if (contact) {
            add(bubble('visitor', text))
            onContact(contact)
          } else add(bubble('bot', 'That looks like neither an e-mail address nor a phone number.'))
        }),
      )
    },
    offerQuote(): void {
      endWait()
      add(bubble('bot', 'It is on its way. Would you like a written quote, after a free look at the roof?'))
      const yes = make('button', { type: 'button', class: 'primary wide' }, 'Ask for a written quote')
      yes.addEventListener('click', onQuote)
      compose(yes)
    },
    thank(): void {
      endWait()
      add(bubble('bot', 'Thank you. We will be in touch within one working day.'))
      compose()
      close.focus()
    },
    offerRetry(again: () => void): void {
      endWait()
      add(make('p', { class: 'bot retry' }, `That did not work. Try again, or call us at ${phoneNumber}.`))
      const retry = make('button', { type: 'button', class: 'primary wide' }, 'Try again')
      retry.addEventListener('click', again)
      compose(retry)
    },
    /** The chat cannot be drawn: a contractor would rather have a call than an empty box. */
    giveUp(): void {
      log.replaceChildren(
        make(
          'p',
          { class: 'bot broken' },
          `The estimator is not available right now. Please call us at ${phoneNumber}.`,
        ),
      )
      compose()
      close.focus()
    },
  }
}

function readContact(text: string): Contact | null {
  if (/^\S+@\S+\.\S+$/.test(text)) return { email: text }
  return /^[+(]?\d[\d ().-]{5,30}$/.test(text) ? { phone: text } : null
}

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  node.append(...children)
  return node
}
