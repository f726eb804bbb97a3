// The portal's entry: takes the token out of the address, then shows the sign-in or the tenant's page.
import { SignedOut } from './analytics.ts'
import { type Dashboard, dashboard } from './dashboard.ts'
import { signIn, signOut, takeToken } from './session.ts'
import { describeFailure, signInView } from './sign-in.ts'

const root = document.querySelector('#portal')
let shown: Dashboard | null = null

function showSignIn(trouble: string | null): void {
  shown?.stop()
  shown = null
  document.title = 'Sign in · Widget performance'
  root?.replaceChildren(signInView(trouble, showDashboard))
}

function showDashboard(): void {
  shown?.stop()
  shown = dashboard({ onSignedOut: () => showSignIn(null), onSignOut: leave })
  root?.replaceChildren(shown.node)
}

async function leave(): Promise<void> {
  try {
    await signOut()
  } catch (error) {
    if (!(error instanceof SignedOut))
      return showSignIn(
        'Signing out did not work: the service does not answer. You are still signed in on this device.',
      )
  }
  showSignIn(null)
}

async function enter(): Promise<void> {
  const token = takeToken()
  if (token === null) return showDashboard()
  try {
    await signIn(token)
    showDashboard()
  } catch (error) {
    showSignIn(describeFailure(error))
  }
}

// the link opened in a tab that already shows the page changes the fragment only
window.addEventListener('hashchange', () => location.hash && enter())
enter()
