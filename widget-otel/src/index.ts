// The library's door: what a widget calls. Every call is guarded; nothing of ours ever throws into the page.
import type { EventProperties, EventType } from 'contract/events'
import type { Operation } from 'contract/spans'
import { now } from './clock.ts'
import type { Consent } from './consent.ts'
import { addSpan } from './core.ts'
import { type Outcome, tracedFetch } from './fetch.ts'
import { type Options, trailingSlashes } from './options.ts'
import { openPageView } from './pageview.ts'
import { duration } from './properties.ts'
import { newSpan } from './trace.ts'

export type { Consent, Operation, Options }

export type ErrorDetails = Partial<Pick<EventProperties['widget_error'], 'source' | 'operation' | 'fatal'>>

export type Telemetry = {
  /** The widget is ready; counts once per page. By itself at window load unless `autoLoaded` is false. */
  loaded(): void
  opened(properties?: EventProperties['widget_opened']): void
  /** The visitor sent a message; its position in the session is filled in. */
  messageSent(properties?: Omit<EventProperties['message_sent'], 'position'>): void
  estimateGenerated(properties: EventProperties['estimate_generated']): void
  leadCaptured(properties: EventProperties['lead_captured']): void
  quoteRequested(properties?: EventProperties['quote_requested']): void
  /** Whatever was thrown: its name, and its message without addresses, numbers and keys. */
  error(error: unknown, details?: ErrorDetails): void
  /** As window.fetch, with a span; `traceparent` goes to `traceOrigins` only. The one call that may throw: as fetch does. */
  fetch(operation: Operation, input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  consent(next: Consent): void
  /** For a visitor who asks to be erased; undefined before the first event. */
  readonly sessionId: string | undefined
  /** Sends what waits and lets go of the page. */
  stop(): Promise<void>
}

/** Never throws, never blocks, registers nothing global; where it cannot work, all calls do nothing. */
export function start(options: Options): Telemetry {
  const stopper = new AbortController()
  let view = open(options, stopper.signal)
  const recorder =
    (type: EventType) =>
    (properties?: object): void =>
      view?.record(type, properties as Record<string, unknown>)

  return {
    loaded: recorder('widget_loaded'),
    opened: recorder('widget_opened'),
    messageSent: recorder('message_sent'),
    estimateGenerated: recorder('estimate_generated'),
    leadCaptured: recorder('lead_captured'),
    quoteRequested: recorder('quote_requested'),
    error: (error, details) =>
      view?.guarded(() => {
        const { name, message } = error instanceof Error ? error : { name: typeof error, message: error }
        view?.record('widget_error', { ...details, error_type: name, message })
      })(),
    fetch(operation, input, init) {
      if (!view || view.isOff()) return fetch(input, init)
      const { core, guarded } = view
      const startedMs = performance.now()
      const ids = { ...core.rootSpan, ...newSpan() }
      const finished = guarded((outcome: Outcome) => {
        const endMs = now()
        const startMs = endMs - (duration(performance.now() - startedMs) ?? 0)
        const attributes = { 'session.id': core.session.load()?.id, ...outcome.attributes }
        addSpan(core, { ...ids, ...outcome, startMs, endMs, attributes })
      })
      return tracedFetch([operation, input, init], ids, options.traceOrigins ?? [location.origin], finished)
    },
    consent: (next) => view?.setConsent(next),
    get sessionId() {
      return view?.isOff() ? undefined : view?.core.session.load()?.id
    },
    async stop() {
      if (!view) return
      const { core, leave } = view
      // starts after the events that leave() sends, and before silence, which holds for spans too
      const flushed = core.later?.then((later) => later?.flush())
      leave()
      view = undefined
      stopper.abort()
      await flushed
      core.delivery.silenced = true
      await Promise.all(core.delivery.requests)
      // rings a last time and sends nothing: no timer is left behind
      core.delivery.wakeIn(0)
    },
  }
}

function open(options: Options, stopped: AbortSignal) {
  try {
    return openPageView(
      { ...options, endpoint: options.endpoint.replace(trailingSlashes, '') },
      () => import('./later.ts'),
      performance.now(),
      stopped,
    )
  } catch (error) {
    if (options?.debug) console.debug('[leadlight]', error)
    return undefined
  }
}
