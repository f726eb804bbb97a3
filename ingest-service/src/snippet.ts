// The line that a contractor puts on their pages, and what a strict page must allow for it.

export const snippetOf = (publicUrl: string, siteKey: string): string =>
  `<script async src="${publicUrl}/widget.js" data-site-key="${siteKey}"></script>`

/** What a page's Content-Security-Policy must hold, one directive a line. */
export function contentSecurityPolicyOf(publicUrl: string): string {
  const { origin } = new URL(publicUrl)
  return `script-src ${origin};\nconnect-src ${origin};`
}
