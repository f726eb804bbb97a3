// What a page says to its telemetry at the beginning.
import type { Consent } from './consent.ts'

export type Options = {
  /** `pk_…`, public; it says which contractor the events belong to. */
  siteKey: string
  /** Where ingest-service is reached, for example `https://telemetry.example`. */
  endpoint: string
  /** Version of the widget, at most 32 characters. */
  widgetVersion?: string
  /** Origins whose calls carry `traceparent`; by default the page's own. */
  traceOrigins?: string[]
  /** `pending` for pages that ask first; by default `granted`. */
  consent?: Consent
  /** False when the widget calls `loaded()` itself. */
  autoLoaded?: boolean
  /** Prints every decision to the console. */
  debug?: boolean
}

export type Log = (...words: unknown[]) => undefined

/** What an endpoint must not end with: paths are appended to it. */
export const trailingSlashes = /\/+$/
