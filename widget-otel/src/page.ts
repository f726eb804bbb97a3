// What is told about the page and the browser: a path, a size class, where the visitor came from. Nothing else is read.
import type { EventProperties } from 'contract/events'
import { scrubPath } from './scrub.ts'

type Loaded = EventProperties['widget_loaded']

export const query = (): URLSearchParams => new URLSearchParams(location.search)

/** By pointer and screen: user agents lie, and are not to be kept. 600 CSS pixels is where tablets begin. */
export const device = (): Loaded['device'] =>
  matchMedia('(pointer: coarse)').matches
    ? Math.min(screen.width, screen.height) < 600
      ? 'phone'
      : 'tablet'
    : 'desktop'

/** Lower case, spaces as hyphens; undefined when that is still no `[a-z0-9_-]{1,64}`, or an id or a number. */
export function slug(value: unknown): string | undefined {
  const text = `${value ?? ''}`.trim().toLowerCase().replace(/\s+/g, '-')
  return /^[\w-]{1,64}$/.test(text) && scrubPath(text) === text ? text : undefined
}

/** The host of a referring page, unless it is the page's own or no DNS name. */
export function referrerHost(referrer: string, ownHost: string): string | undefined {
  const host = /^https?:\/\/([a-z\d]+((\.|-+)[a-z\d]+)*)(?=[:/]|$)/.exec(referrer)?.[1]
  return host === ownHost ? undefined : host
}

/** Where the visitor came from, by the referrer's host and the query's utm slugs. */
export function source(): Omit<Loaded, 'load_ms'> {
  return {
    referrer_host: referrerHost(document.referrer, location.hostname),
    utm_source: slug(query().get('utm_source')),
    utm_medium: slug(query().get('utm_medium')),
    utm_campaign: slug(query().get('utm_campaign')),
  }
}
