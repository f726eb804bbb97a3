// The script tag: options from its data-… attributes, events from the page's CustomEvents and from calls made before it came.
import type { EventType } from 'contract/events'
import type { Consent } from './consent.ts'
import { openPageView } from './pageview.ts'

/** File name of the lazy part, filled in by the build. */
declare const otelFile: string

type Call = { type: EventType; properties?: Record<string, unknown> }

declare global {
  interface Window {
    /** Made by the page, if it wants to: `(window.leadlight ??= []).push({ type, properties })`. */
    leadlight?: Call[]
  }
}

function begin(script: HTMLScriptElement) {
  // no traceOrigins: a page that only has the tag has no fetch of ours
  const { siteKey = '', endpoint, widgetVersion, consent, autoLoaded, debug = 'false' } = script.dataset
  const { origin, href } = new URL(script.src)
  const { record, guarded } = openPageView(
    {
      siteKey,
      endpoint: endpoint ?? origin,
      widgetVersion,
      consent: consent as Consent | undefined,
      autoLoaded: autoLoaded !== 'false',
      debug: debug !== 'false',
    },
    // absolute: a script from another origin has no base to resolve a relative import against
    () => import(new URL(otelFile, href).href),
    performance.getEntriesByName(href)[0]?.startTime,
  )

  const take = guarded(({ type, properties }: Call) => record(type, properties))
  const drain = guarded(() => {
    const early = window.leadlight
    for (const call of early?.splice(0) ?? []) take(call)
    if (early) early.push = (...calls) => calls.forEach(take) ?? 0
  })
  drain()
  // a page may make its queue later than we came
  addEventListener('load', drain)
  addEventListener('pagehide', drain)
  addEventListener('leadlight', guarded((event) => take((event as CustomEvent<Call>).detail)))
}

try {
  begin(document.currentScript as HTMLScriptElement)
} catch {}
