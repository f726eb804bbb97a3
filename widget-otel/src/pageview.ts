// One page view: its trace, what an event is made of, and the page's own moments (load, hide, return, end).
import type { WireEvent } from 'contract/envelope'
import type { EventType } from 'contract/events'
import { maxPosition, maxVersionLength } from 'contract/limits'
import { now } from './clock.ts'
import { type Consent, createConsent } from './consent.ts'
import { createDelivery } from './delivery.ts'
import { device, source } from './page.ts'
import { cleanProperties, duration } from './properties.ts'
import { createQueue, isImmediate } from './queue.ts'
import { scrubPath } from './scrub.ts'
import { createSession } from './session.ts'
import { createSpans, type LoadTracing, type Span } from './spans.ts'
import { newChild, newTrace, type SpanIds } from './trace.ts'
import { uuid7, uuid7Ms } from './uuid7.ts'

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

/** @param startedMs when the widget began to load, by performance.now() */
export function openPageView(options: Options, loadTracing: LoadTracing, startedMs = performance.now()) {
  const { siteKey } = options
  // a longer one would cost whole batches
  const widgetVersion = options.widgetVersion?.slice(0, maxVersionLength)
  const endpoint = options.endpoint.replace(/\/+$/, '')
  const log = (...words: unknown[]) => options.debug && console.debug('[leadlight]', ...words)

  const consent = createConsent(options.consent)
  const granted = () => consent.state() === 'granted'
  const isOff = () => stopped || consent.state() === 'denied'
  const session = createSession(granted)
  const queue = createQueue(siteKey, granted)
  const spans = createSpans(loadTracing, { endpoint, siteKey, widgetVersion, maySend: granted }, log)
  const delivery = createDelivery(queue, {
    url: `${endpoint}/api/v1/widget/events`,
    envelope: { site_key: siteKey, widget_version: widgetVersion },
    maySend: granted,
    clockCorrected: session.shift,
    refused: spans.mute,
    log,
  })

  const root = newTrace()
  let loadedMs = -1
  let stopped = false

  /** Nothing of ours ever throws into the page. */
  const guarded =
    <Args extends unknown[]>(run: (...args: Args) => unknown) =>
    (...args: Args): void => {
      try {
        run(...args)
      } catch (error) {
        log(error)
      }
    }

  /** Adds a span that ends now. */
  function span(of: SpanIds & Pick<Span, 'name' | 'failed' | 'attributes'>, durationMs: unknown) {
    const endMs = now()
    spans.add({ ...of, startMs: endMs - (duration(durationMs) ?? 0), endMs })
  }

  /** Records an event that happens now. */
  const record = guarded((type: EventType, given: Record<string, unknown> = {}) => {
    const isLoaded = type === 'widget_loaded'
    const properties = cleanProperties(type, given)
    if (!properties || isOff() || (isLoaded && loadedMs >= 0)) return
    const passedMs = performance.now()
    const id = uuid7()
    const { id: session_id, messages } = session.touch(uuid7Ms(id), type === 'message_sent' ? 1 : 0)
    if (isLoaded) {
      loadedMs = passedMs
      Object.assign(properties, { load_ms: duration(passedMs - startedMs), device: device(), ...source() })
      whenIdle(spans.open)
    }
    if (type === 'widget_opened') {
      if (loadedMs >= 0) properties.after_ms ??= duration(passedMs - loadedMs)
      spans.open()
    }
    if (type === 'message_sent') properties.position = Math.min(messages, maxPosition)

    const ids = isLoaded ? root : newChild(root)
    const page = scrubPath(location.pathname)
    const event = { id, type, session_id, page, trace_id: ids.traceId, span_id: ids.spanId, properties } as WireEvent
    log(event)
    queue.add(event)
    const { error_type, operation, load_ms, duration_ms } = properties as Record<string, string>
    span(
      {
        ...ids,
        name: type,
        failed: !!error_type,
        attributes: { 'session.id': session_id, 'error.type': error_type, 'estimate_widget.operation': operation },
      },
      load_ms ?? duration_ms,
    )
    if (isImmediate(event)) delivery.flush()
    else delivery.schedule()
  })

  function begin() {
    if (consent.state() === 'denied') {
      queue.clear()
      session.clear()
      spans.clear()
    }
    if (!granted()) return
    session.save()
    queue.adopt().catch(log)
    delivery.flush()
    if (loadedMs >= 0) spans.open()
  }

  function hide() {
    // events before spans: both share what a leaving page may still send
    delivery.flush(true)
    spans.flush()
  }

  function leave() {
    hide()
    queue.keep(0)
  }

  const autoLoad = () => options.autoLoaded !== false && record('widget_loaded')
  const listeners: [EventTarget, string, (event: Event) => void][] = [
    [window, 'load', autoLoad],
    [document, 'visibilitychange', guarded(() => document.visibilityState === 'hidden' && hide())],
    // on window: at navigation it comes before visibilitychange
    [window, 'pagehide', guarded(leave)],
    // out of the back/forward cache: what another page adopted meanwhile may go twice, and is stored once
    [window, 'pageshow', guarded(() => queue.keep())],
  ]
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener)
  begin()
  if (document.readyState === 'complete') autoLoad()

  return {
    root,
    record,
    span,
    guarded,
    isOff,
    sessionId: session.id,
    setConsent: guarded((next: Consent) => {
      consent.set(next)
      begin()
    }),
    async stop() {
      stopped = true
      for (const [target, type, listener] of listeners) target.removeEventListener(type, listener)
      await Promise.all([delivery.stop(), spans.flush()])
      queue.keep(0)
    },
  }
}

function whenIdle(run: () => void) {
  // Safari has no requestIdleCallback
  window.requestIdleCallback?.(run, { timeout: 5_000 }) ?? setTimeout(run, 2_000)
}
