// Whether this visitor may be counted: the browser's signals, the visitor's own choice, then the page's consent.
import { query } from './page.ts'
import { read, write } from './storage.ts'

/** `pending`: events wait in memory, nothing is stored or sent. `denied`: nothing at all. */
export type Consent = 'pending' | 'granted' | 'denied'

const choiceKey = 'leadlight:choice'
const ignore = 'ignore'

/** The signals are asked at each event and each send anew: they can change while a page is open. */
export function createConsent(given: Consent = 'granted') {
  // the owner's own visits: ?leadlight=ignore on any page of the site, undone by ?leadlight=count
  const choice = query().get('leadlight')
  if (choice === ignore) write('localStorage', choiceKey, choice)
  if (choice === 'count') write('localStorage', choiceKey)

  return {
    set(next: Consent) {
      given = next
    },
    state: (): Consent =>
      navigator.doNotTrack === '1' ||
      (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true ||
      // the second only where storage is denied
      (read('localStorage', choiceKey) ?? choice) === ignore
        ? 'denied'
        : given,
  }
}
