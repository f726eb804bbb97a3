// One page view: its trace, what an event is made of, and the page's own moments (load, hide, return, end).
import type { WireEvent } from 'contract/envelope'
import type { EventType } from 'contract/events'
import { maxPosition } from 'contract/limits'
import { clock } from './clock.ts'
import { type Consent, createConsent } from './consent.ts'
import { addSpan, type Core, type Later } from './core.ts'
import { createDelivery } from './delivery.ts'
import type { Log, Options } from './options.ts'
import { device, source } from './page.ts'
import { cleanProperties, duration } from './properties.ts'
import { createQueue, graceMs, isImmediate } from './queue.ts'
import { createRateLimit } from './rate-limit.ts'
import { scrubPath } from './scrub.ts'
import { createSession } from './session.ts'
import { newSpan, newTrace } from './trace.ts'
import { uuid7, uuid7Ms } from './uuid7.ts'

/**
 * @param startedMs when the widget began to load, by performance.now()
 * @param stopped lets go of the page
 */
export function openPageView(
  options: Options,
  load: () => Promise<{ openLater(core: Core, mayStore: () => boolean): Later }>,
  startedMs: number,
  stopped?: AbortSignal,
) {
  const log: Log = (...words) => void (options.debug && console.debug('[leadlight]', ...words))
  const consent = createConsent(options.consent)
  const granted = () => consent.state() === 'granted'
  const isOff = () => consent.state() === 'denied'
  const session = createSession(granted)
  const queue = createQueue(options.siteKey, granted)
  const delivery = createDelivery(queue, options, granted, openLater, log)
  const allows = createRateLimit()
  const core: Core = { options, clock, queue, delivery, session, heldSpans: [], rootSpan: newTrace(), log }
  let loadedMs: number | undefined

  /** Once; a page that does not let it in loses its spans, but sends its events. */
  async function openLater(): Promise<Later | undefined> {
    if (!delivery.maySend()) return
    core.later ??= load()
      .then(({ openLater }) => openLater(core, granted))
      .catch((error) => {
        // there may be a network the next time
        core.later = undefined
        log(error)
        return undefined
      })
    return core.later
  }

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

  /** Records an event that happens now. */
  const record = guarded((type: EventType, given: Record<string, unknown> = {}) => {
    const isLoaded = type === 'widget_loaded'
    const properties = cleanProperties(type, given)
    if (!properties || isOff() || (isLoaded && loadedMs)) return
    if (!allows(type)) return queue.count('rate_limited')
    const id = uuid7()
    const passedMs = performance.now()
    const { id: session_id, messages } = session.touch(uuid7Ms(id), type === 'message_sent' ? 1 : 0)
    if (isLoaded) {
      loadedMs = passedMs
      Object.assign(properties, { load_ms: duration(passedMs - startedMs), device: device(), ...source() })
      // Safari has no requestIdleCallback
      window.requestIdleCallback?.(openLater, { timeout: 5_000 }) ?? setTimeout(openLater, 2_000)
    }
    if (type === 'widget_opened') {
      if (loadedMs) properties.after_ms ??= duration(passedMs - loadedMs)
      openLater()
    }
    if (type === 'message_sent') properties.position = Math.min(messages, maxPosition)
    const page = scrubPath(location.pathname)
    const event = {
      id,
      type,
      session_id,
      page,
      ...core.rootSpan,
      ...(!isLoaded && newSpan()),
      properties,
    } as WireEvent
    log(event)
    queue.add(event)
    addSpan(core, event)
    if (isImmediate(event)) delivery.flush()
    else delivery.schedule()
  })

  /** Whoever does not want to be counted leaves nothing behind, of earlier pages either. */
  function forget() {
    core.heldSpans.length = 0
    session.clear()
    queue.clear()
  }

  function hide() {
    // events before spans: both share what a leaving page may still send
    delivery.flush(true)
    core.later?.then((it) => it?.flush())
  }

  function leave() {
    hide()
    queue.keep(0)
  }

  const autoLoad = () => options.autoLoaded !== false && record('widget_loaded')
  const listen = (target: EventTarget, type: string, listener: (event: PageTransitionEvent) => unknown) =>
    target.addEventListener(type, guarded(listener) as EventListener, { signal: stopped })
  listen(window, 'load', autoLoad)
  listen(document, 'visibilitychange', () => document.hidden && hide())
  // on window: at navigation it comes before visibilitychange
  listen(window, 'pagehide', leave)
  // out of the back/forward cache, not as each page begins: what another page adopted meanwhile may go twice, and is stored once
  listen(window, 'pageshow', (event) => event.persisted && queue.keep(graceMs, graceMs))
  if (isOff()) forget()
  if (document.readyState === 'complete') autoLoad()

  return {
    core,
    record,
    guarded,
    isOff,
    leave,
    setConsent: guarded((next: Consent) => {
      consent.set(next)
      if (isOff()) return forget()
      if (!granted()) return
      session.save()
      queue.keep()
      delivery.flush()
      if (loadedMs) openLater()
    }),
  }
}
