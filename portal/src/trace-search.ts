// From the number of a trace back to the lead it belongs to.
import type { Leads } from 'contract/analytics'
import { keptDays } from 'contract/limits'
import { ask, patienceMs } from './analytics.ts'
import { element, setText } from './element.ts'
import { say } from './messages.ts'
import { addDays } from './range.ts'

export function traceSearch(onFound: (eventId: string) => void): HTMLElement {
  const field = element('input', { id: 'trace', autocomplete: 'off', spellcheck: 'false', maxlength: 64 })
  const button = element('button', { type: 'submit' }, say('find'))
  const trouble = element('p', { class: 'trouble', role: 'alert' })
  const form = element(
    'form',
    { class: 'search', role: 'search' },
    element('label', { for: 'trace' }, say('findTrace')),
    element('div', { class: 'field' }, field, button),
    trouble,
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const traceId = field.value.trim().toLowerCase()
    if (!/^[0-9a-f]{32}$/.test(traceId)) return void setText(trouble, say('traceMalformed'))
    setText(trouble, '')
    button.disabled = true
    try {
      const found = await find(traceId)
      if (found) onFound(found)
      else setText(trouble, say('traceUnknown'))
    } catch {
      setText(trouble, say('gone'))
    } finally {
      button.disabled = false
    }
  })
  return form
}

/** Among all leads that are held. */
async function find(traceId: string): Promise<string | null> {
  // today anywhere on earth is at most tomorrow here
  const to = addDays(new Date().toISOString().slice(0, 10), 1)
  const query = { trace_id: traceId, from: addDays(to, 1 - keptDays), to }
  const { leads } = await ask<Leads>('leads', query, AbortSignal.timeout(patienceMs))
  return leads[0]?.event_id ?? null
}
