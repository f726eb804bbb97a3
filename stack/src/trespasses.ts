// What a page in a browser did beyond showing text: ran something, asked somebody else, or had to be stopped by its policy.
import type { BrowserContext, Page } from 'playwright-core'

/** Elements and attributes that text alone never makes; a page's own scripts, styles and pictures are not among them. */
const foreignMarkup =
  'img, iframe, object, embed, base, math, form[action], style:not(head style), script:not(head script), link:not(head link), meta:not(head meta), svg script'

/**
 * Writes down dialogs, errors, policy violations, new windows, and every request or navigation that leaves `origin`; none of
 * those gets out. Attach it before the page is opened.
 */
export async function watchTrespasses(context: BrowserContext, origin: () => string): Promise<string[]> {
  const seen: string[] = []
  const isOurs = (url: string): boolean =>
    url.startsWith(`${origin()}/`) || /^(?:blob:|data:image\/|about:|cid:)/.test(url)
  await context.route(
    (url) => !isOurs(url.href),
    (route) => {
      seen.push(`asked ${route.request().url()}`)
      return route.abort()
    },
  )
  // in the page itself, where even a report that the console leaves out is heard
  await context.exposeFunction('tellTrespass', (what: string) => seen.push(what))
  await context.addInitScript(() => {
    const tell = (window as unknown as { tellTrespass: (what: string) => void }).tellTrespass
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      tell(`policy ${violatedDirective} ${blockedURI} ${sample}`),
    )
  })
  const watch = (page: Page): void => {
    page.on('dialog', (dialog) => {
      seen.push(`dialog ${dialog.message()}`)
      return dialog.dismiss()
    })
    page.on('pageerror', (error) => seen.push(`error ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        seen.push(`console ${message.text()}`)
    })
    page.on('popup', (popup) => seen.push(`window ${popup.url()}`))
    page.on('framenavigated', (frame) => isOurs(frame.url()) || seen.push(`went to ${frame.url()}`))
  }
  context.on('page', watch)
  return seen
}

/** Markup that stands in the page now and that no page of ours makes: elements, handlers, links that run or lead elsewhere. */
export const foreignMarkupOf = (page: Page, allowedLinks: string[]): Promise<string[]> =>
  page.evaluate(
    ([selector, allowed]) => {
      const short = (element: Element): string => element.outerHTML.slice(0, 200)
      const handlers = [...document.querySelectorAll('*')].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith('on')),
      )
      const links = [...document.querySelectorAll('[href], [src], [srcdoc], [action], [formaction], [ping]')].filter(
        (element) => {
          if (element.closest('head') || element.hasAttribute('srcdoc')) return element.hasAttribute('srcdoc')
          const href = element.getAttribute('href') ?? element.getAttribute('src') ?? ''
          const url = new URL(href, location.href).href
          return ![`${location.origin}/`, ...allowed].some((start) => url.startsWith(start))
        },
      )
      return [...document.querySelectorAll(selector), ...handlers, ...links].map(short)
    },
    [foreignMarkup, allowedLinks] as const,
  )
