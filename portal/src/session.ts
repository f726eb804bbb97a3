// Signing in with the token of the printed link, and out again. The token is never kept: the service sets a cookie that scripts cannot read.
import type { Session } from 'contract/portal'
import { request } from './analytics.ts'

/** The token in the address's fragment, which is removed from the address and the history at once. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  return token || null
}

/** The token in what a person pasted: the whole link or the token alone. */
export function findToken(pasted: string): string {
  const text = pasted.trim()
  const hash = text.indexOf('#')
  return (hash >= 0 && new URLSearchParams(text.slice(hash + 1)).get('token')) || text
}

export async function signIn(token: string): Promise<void> {
  await request('session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
}

export async function signOut(): Promise<void> {
  await request('session', { method: 'DELETE' })
}

/** Whose numbers this device reads, and whether by a share link. */
export async function loadSession(): Promise<Session> {
  return (await request('session')).json()
}
