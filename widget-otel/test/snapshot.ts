// What a page is made of, down to each built-in function: taken before a guest comes, and compared when it has gone.
import type { CDPSession, Page } from 'playwright-core'

type Changed = { names: number; changes: string[] }

declare global {
  /** Set by `watchPage`, for tests only. */
  var snapshot: { take(): void; compare(): Changed; timers(): number }
}

/** Lets what a page loads from now on be compared with itself. */
export const watchPage = (page: Page): Promise<unknown> => page.addInitScript(watch)

/** Runs in the browser. */
function watch() {
  const own = {
    Map,
    Set,
    WeakSet,
    Reflect: { ...Reflect },
    is: Object.is,
    isObject: (of: unknown) => Object(of) === of,
  }
  const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Reflect as typeof Reflect
  const describe = (of: object) =>
    new own.Map(ownKeys(of).map((name) => [name, getOwnPropertyDescriptor(of, name) as PropertyDescriptor]))

  // only asked how many wait: what a timer does is the page's own affair
  const waiting = new own.Set<number>()
  for (const [set, clear] of [
    ['setTimeout', 'clearTimeout'],
    ['requestIdleCallback', 'cancelIdleCallback'],
  ] as const) {
    const original = window[set] as (run: (...args: unknown[]) => void, ...args: unknown[]) => number
    const cancel = window[clear]
    const key = (id: number) => (set === 'setTimeout' ? id : -id)
    Object.assign(window, {
      [set](run: (...args: unknown[]) => void, ...more: unknown[]) {
        const id = original(
          (...args) => {
            waiting.delete(key(id))
            run(...args)
          },
          ...more,
        )
        waiting.add(key(id))
        return id
      },
      [clear](id: number) {
        waiting.delete(key(id))
        cancel(id)
      },
    })
  }

  type Seen = {
    path: string
    prototype: object | null
    isOpen: boolean
    properties: Map<string | symbol, PropertyDescriptor>
  }
  let before = new own.Map<object, Seen>()

  /** All that can be reached from the global object without running anything, and what stands behind its best-known getters. */
  function take() {
    before = new own.Map()
    const open: [path: string, of: object][] = [
      ['window', window],
      ...Object.entries({ document, navigator, history, location, screen, performance, crypto, visualViewport }).filter(
        (entry): entry is [string, NonNullable<(typeof entry)[1]>] => own.isObject(entry[1]),
      ),
    ]
    for (const [path, of] of open) {
      if (before.has(of)) continue
      const properties = describe(of)
      const prototype = getPrototypeOf(of)
      before.set(of, { path, prototype, isOpen: isExtensible(of), properties })
      if (prototype) open.push([`${path}.__proto__`, prototype])
      for (const [name, { value, get, set }] of properties)
        for (const inner of [value, get, set]) if (own.isObject(inner)) open.push([`${path}.${String(name)}`, inner])
    }
  }

  function compare() {
    const changes: string[] = []
    let names = 0
    for (const [of, { path, prototype, isOpen, properties }] of before) {
      if (getPrototypeOf(of) !== prototype) changes.push(`${path}: another prototype`)
      if (isExtensible(of) !== isOpen) changes.push(`${path}: closed`)
      const now = describe(of)
      for (const name of new own.Set([...properties.keys(), ...now.keys()])) {
        names++
        const [was, is] = [properties.get(name), now.get(name)]
        const fields = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'] as const
        if (!was) changes.push(`${path}.${String(name)}: new`)
        else if (!is) changes.push(`${path}.${String(name)}: gone`)
        else
          for (const field of fields)
            if (!own.is(was[field], is[field])) changes.push(`${path}.${String(name)}: ${field}`)
      }
    }
    return { names, changes }
  }
  window.snapshot = { take, compare, timers: () => waiting.size }
}

/** Each listener on any object of the page that is alive, as `window load`, sorted. */
export async function listenersOf(devtools: CDPSession): Promise<string[]> {
  const objectGroup = 'listeners'
  const { result } = await devtools.send('Runtime.evaluate', { expression: 'EventTarget.prototype', objectGroup })
  const { objects } = await devtools.send('Runtime.queryObjects', {
    prototypeObjectId: result.objectId as string,
    objectGroup,
  })
  const found = await devtools.send('Runtime.getProperties', {
    objectId: objects.objectId as string,
    ownProperties: true,
  })
  const targets = found.result.flatMap(({ name, value }) => (/^\d+$/.test(name) && value ? [value] : []))
  const listeners: string[] = []
  for (const { objectId, className, subtype } of targets) {
    if (!objectId || subtype === 'proxy') continue
    const of = await devtools.send('DOMDebugger.getEventListeners', { objectId })
    listeners.push(...of.listeners.map(({ type }) => `${className} ${type}`))
  }
  await devtools.send('Runtime.releaseObjectGroup', { objectGroup })
  return listeners.sort()
}

/** All that a page may leave behind in a browser, by its name. */
export const leftBehind = (page: Page): Promise<string[]> =>
  page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage).map((key) => `${key} (session)`),
    ...document.cookie.split(';').filter(Boolean),
    ...(await indexedDB.databases()).map(({ name }) => `${name} (database)`),
    ...(await (globalThis.caches?.keys() ?? [])),
    ...((await navigator.serviceWorker?.getRegistrations()) ?? []).map(({ scope }) => scope),
  ])
