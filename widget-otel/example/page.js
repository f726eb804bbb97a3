// An estimate widget in a Shadow DOM that tells its telemetry what happens. It knows two ways and no library.

// before the script is there: the one global, made by the page itself
window.leadlight ??= []
window.leadlight.push({ type: 'widget_opened', properties: { trigger: 'auto' } })

customElements.define(
  'acme-estimate',
  class extends HTMLElement {
    connectedCallback() {
      const shadow = this.attachShadow({ mode: 'open' })
      const button = (text, clicked) => {
        const element = document.createElement('button')
        element.part = 'button'
        element.textContent = text
        element.addEventListener('click', () => clicked(element))
        shadow.append(element, ' ')
      }
      button('Estimate my roof', async (element) => {
        const startedMs = performance.now()
        // here a widget would ask its API
        await new Promise((resolve) => setTimeout(resolve, 200))
        tell(element, 'estimate_generated', {
          duration_ms: Math.round(performance.now() - startedMs),
          amount: 4200,
          currency: 'USD',
        })
        element.textContent = 'About $4,200'
      })
      button('Call me back', (element) => {
        tell(element, 'lead_captured', { contact: 'phone' })
        element.textContent = 'We call you today'
      })
    }
  },
)

/** Afterwards: an event that leaves the Shadow DOM and bubbles up to the window. */
function tell(element, type, properties) {
  element.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, composed: true, detail: { type, properties } }))
}

const ask = document.querySelector('#ask')
ask.addEventListener('click', () => {
  tell(ask, 'consent', { state: 'denied' })
  ask.textContent = 'You are not counted on this page'
})
