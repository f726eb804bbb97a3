// The script tag: options from its data-… attributes, events from the page's CustomEvents and from calls made before it came.
import type { EventType } from 'contract/events'
import type { Consent } from './consent.ts'
import { type Options, trailingSlashes } from './options.ts'
import { openPageView } from './pageview.ts'

/** File name of the lazy part, filled in by the build. */
declare const laterFile: string

type Call = { type: EventType | 'consent'; properties?: Record<string, unknown> }

declare global {
  interface Window {
    /** Made by the page, if it wants to: `(window.leadlight ??= []).push({ type, properties })`. */
    leadlight?: Call[]
  }
}

function begin({ dataset: { ...data }, src }: HTMLScriptElement) {
  // a page may carry the tag twice, by mistake: the first one answers, and works for both
  const tag = new Event(`leadlight:${data.siteKey}`, { cancelable: true })
  if (!dispatchEvent(tag)) return
  addEventListener(tag.type, (event) => event.preventDefault())

  const { record, setConsent, guarded } = openPageView(
    // widgetVersion and consent as they are; no traceOrigins: with only the tag there is no fetch of ours
    {
      ...(data as unknown as Pick<Options, 'siteKey'>),
      endpoint: data.endpoint?.replace(trailingSlashes, '') ?? new URL(src).origin,
      autoLoaded: data.autoLoaded !== 'false',
      debug: (data.debug ?? 'false') !== 'false',
    },
    // absolute: a script from another origin has no base to resolve a relative import against
    () => import(new URL(laterFile, src).href),
    performance.getEntriesByName(src)[0]?.startTime ?? performance.now(),
  )

  const take = guarded(({ type, properties }: Call) => {
    if (type === 'consent') setConsent(properties?.state as Consent)
    else record(type, properties)
  })
  const drain = guarded(() => {
    const early = window.leadlight
    early?.splice(0).forEach(take)
    if (early) early.push = (...calls) => calls.forEach(take) as never
  })
  drain()
  // a page may make its queue later than we came
  addEventListener('load', drain)
  addEventListener('pagehide', drain)
  addEventListener('leadlight', (event) => take((event as CustomEvent<Call>).detail))
}

try {
  begin(document.currentScript as HTMLScriptElement)
} catch {}
