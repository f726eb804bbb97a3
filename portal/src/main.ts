// The portal's entry: takes the token out of the address, then shows the sign-in or the tenant's page.
import { SignedOut } from './analytics.ts'
import { language, say } from './messages.ts'
import { type Page, page } from './page.ts'
import { signIn, signOut, takeToken } from './session.ts'
import { describeFailure, signInView } from './sign-in.ts'

const root = document.querySelector('#portal')
let shown: Page | null = null

function showSignIn(trouble: string | null): void {
  shown?.stop()
  shown = null
  document.title = `${say('signIn')} · ${say('pageTitle')}`
  root?.replaceChildren(signInView(trouble, showPage))
}

function showPage(): void {
  shown?.stop()
  shown = page({ onSignedOut: () => showSignIn(null), onSignOut: leave })
  root?.replaceChildren(shown.node)
}

async function leave(): Promise<void> {
  try {
    await signOut()
  } catch (error) {
    if (!(error instanceof SignedOut)) return showSignIn(say('signOutFailed'))
  }
  showSignIn(null)
}

async function enter(): Promise<void> {
  const token = takeToken()
  if (token === null) return showPage()
  try {
    await signIn(token)
    showPage()
  } catch (error) {
    showSignIn(describeFailure(error))
  }
}

document.documentElement.lang = language
// the link opened in a tab that already shows the page changes the fragment only
window.addEventListener('hashchange', () => location.hash && enter())
enter()
