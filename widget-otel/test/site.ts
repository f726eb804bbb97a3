// A contractor's page and, on another origin, a service that records what reaches it and answers as the test says.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { type Batch, envelopeSchema, type WireEvent } from 'contract/envelope'
import { eventProperties } from 'contract/events'
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import type { Test } from 'tap'
import { Check } from 'typebox/value'
import { build, type Manifest } from '../build.ts'
import type { Telemetry } from '../src/index.ts'

declare global {
  var telemetry: Telemetry
}

export type Answer = { status: number; headers?: Record<string, string>; body?: unknown }
export type Received = { method: string; path: string; headers: IncomingMessage['headers']; body: string }
export type OtlpSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
  status: { code?: number }
}

const eventsPath = '/api/v1/widget/events'

export class Site {
  readonly browser: Browser
  readonly manifest: Manifest
  /** Where the scripts lie that the page's origin and the service's serve. */
  readonly scripts: string
  /** The page's origin, the service's (another one for each test), and one more that nobody trusts. */
  origin = ''
  serviceOrigin = ''
  strangerOrigin = ''
  received: Received[] = []
  /** Paths of the scripts that the service was asked for. */
  loaded: string[] = []
  /** Events by id: a second copy is a duplicate, as in the service. */
  stored = new Map<string, WireEvent>()
  duplicates = 0
  /** Instead of storing, answers so; undefined stores. */
  answer: (batch: Batch) => Answer | undefined = () => undefined
  /** Attributes of the script tag, beside `data-site-key`. */
  attributes = ''
  /** Options of `start()`: with them the page takes the library in place of the tag. */
  options: string | undefined
  /** Markup that stands before ours. */
  head = ''
  /** The whole page, in place of all that. */
  markup: string | undefined
  /** The page's Content-Security-Policy. */
  policy = ''

  readonly #openService: () => Promise<string>

  constructor(t: Test, browser: Browser, manifest: Manifest, scripts: string) {
    this.#openService = () => listen(t, (request, response) => this.#serve(request, response))
    this.browser = browser
    this.manifest = manifest
    this.scripts = scripts
  }

  get batches(): Batch[] {
    return this.received
      .filter(({ path, method }) => path === eventsPath && method === 'POST')
      .map(({ body }) => JSON.parse(body))
  }

  get spans(): OtlpSpan[] {
    return this.received
      .filter(({ path, method }) => path === '/v1/traces' && method === 'POST')
      .flatMap(({ body }) => JSON.parse(body).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans)
  }

  /** Before each test; what pages of earlier ones still send comes to an origin that nobody looks at. */
  async reset() {
    this.serviceOrigin = await this.#openService()
    this.received = []
    this.loaded = []
    this.stored.clear()
    this.duplicates = 0
    this.answer = () => undefined
    this.attributes = ''
    this.options = undefined
    this.head = ''
    this.markup = undefined
    this.policy = ''
  }

  /**
   * A visitor of their own: nothing in any storage. `signals` are properties of `navigator`. Chance lets no page's turn come
   * in its first 15 s, in which the tests act.
   */
  async visitor(t: Test, signals: Record<string, unknown> = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext()
    t.teardown(() => context.close())
    await context.addInitScript((values) => {
      const { random } = Math
      Math.random = () => (1 + random()) / 2
      for (const [name, value] of Object.entries(values))
        Object.defineProperty(Navigator.prototype, name, { get: () => value })
    }, signals)
    return context
  }

  /** Opens a page in which nothing that goes wrong stays unseen. */
  async open(t: Test, context: BrowserContext, path = '/'): Promise<Page> {
    const page = await context.newPage()
    page.on('pageerror', (error) => t.fail(`the page saw an exception: ${error.message}`))
    const requests = new Set<Request>()
    underWay.set(page, requests)
    page.on('request', (request) => requests.add(request))
    page.on('requestfinished', (request) => requests.delete(request))
    page.on('requestfailed', (request) => requests.delete(request))
    // what becomes of a page's requests after it is left is not told
    page.on('domcontentloaded', () => requests.clear())
    await page.goto(this.origin + path)
    return page
  }

  html(): string {
    if (this.markup !== undefined) return this.markup
    const ours = this.options
      ? `<script type="module">
           import { start } from '/widget-${this.manifest.version}.mjs'
           window.telemetry = start({ siteKey: 'pk_test', endpoint: '${this.serviceOrigin}', ...${this.options} })
         </script>`
      : `<script async src="${this.serviceOrigin}/widget.js" data-site-key="pk_test" ${this.attributes}></script>`
    return `<!doctype html><meta charset="utf-8">${this.head}${ours}<h1>Roofs</h1>`
  }

  async sendScript(path: string, response: ServerResponse) {
    const body = await readFile(this.scripts + path).catch(() => undefined)
    response
      .writeHead(body ? 200 : 404, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' })
      .end(body)
  }

  async #serve(request: IncomingMessage, response: ServerResponse) {
    const path = request.url ?? ''
    // a page that is closed as it sends leaves half a body
    const body = await text(request).catch(() => undefined)
    if (body === undefined || `http://${request.headers.host}` !== this.serviceOrigin) return response.destroy()
    if (request.method === 'GET') {
      this.loaded.push(path)
      return this.sendScript(path, response)
    }
    const cors = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type,x-site-key',
      'access-control-expose-headers': 'retry-after',
    }
    if (request.method === 'OPTIONS') {
      this.received.push({ method: 'OPTIONS', path, headers: request.headers, body: '' })
      return response.writeHead(204, cors).end()
    }
    const { status, headers, body: answer } = this.#receive({ method: 'POST', path, headers: request.headers, body })
    return response
      .writeHead(status, { ...cors, ...headers })
      .end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  }

  #receive(request: Received): Answer {
    this.received.push(request)
    if (request.path !== eventsPath) return { status: 200, body: {} }
    const batch: Batch = JSON.parse(request.body)
    const answer = this.answer(batch)
    if (answer) return answer
    if (!Check(envelopeSchema, batch)) throw new Error(`no envelope: ${request.body}`)
    for (const { type, properties } of batch.events) {
      if (!Check(eventProperties[type], properties)) throw new Error(`no ${type}: ${JSON.stringify(properties)}`)
    }
    const seen = batch.events.filter(({ id }) => this.stored.has(id)).length
    for (const event of batch.events) this.stored.set(event.id, event)
    this.duplicates += seen
    return verdict({ accepted: batch.events.length - seen, duplicates: seen })
  }
}

/** What a visitor does, in the page. */
export const opened = (): void => telemetry.opened({ trigger: 'click' })
export const lead = (): void => telemetry.leadCaptured({ contact: 'phone' })

/** A 200 as the service gives it. */
export const verdict = (of: Record<string, unknown> = {}): Answer => ({
  status: 200,
  body: { accepted: 0, duplicates: 0, ignored: 0, rejected: [], server_time: new Date().toISOString(), ...of },
})

/** Runs the action, then waits until exactly these events arrived, in any order; answers with them in the order given. */
export async function expectTelemetry(
  t: Test,
  site: Site,
  { action, events }: { action: () => Promise<unknown>; events: { type: string; properties?: object }[] },
): Promise<WireEvent[]> {
  const before = new Set(site.stored.keys())
  const fresh = () =>
    [...site.stored.values()].filter(({ id }) => !before.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  await action()
  await until(
    () => fresh().length >= events.length,
    () => `${JSON.stringify(events)}, came: ${JSON.stringify(fresh())}`,
  )
  t.match(fresh(), events)
  t.equal(fresh().length, events.length, 'and no other event')
  return fresh()
}

/** Waits for a condition, at most a minute: the machine may be busy. */
export async function until(condition: () => unknown, what: () => string): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited a minute in vain for ${what()}`)
    await setTimeout(10)
  }
}

/** The requests of each opened page that wait for their answer. */
const underWay = new WeakMap<Page, Set<Request>>()

/** Lets time pass on a page with a stopped clock, which also ends its requests after 30 s: not while an answer is awaited. */
export async function passTime(page: Page, ms: number): Promise<void> {
  const deadline = Date.now() + 2_000
  const requests = underWay.get(page)
  while (requests?.size && Date.now() < deadline) await setTimeout(10)
  // the end of a request that the browser itself refuses is never told
  requests?.clear()
  await page.clock.runFor(ms)
}

/** Lets time pass, step by step, until the condition holds. */
export const runUntil = (page: Page, condition: () => unknown, what: () => string, stepMs = 500): Promise<void> =>
  until(async () => {
    await passTime(page, stepMs)
    return condition()
  }, what)

/** Our keys, and what the page itself holds. */
export const storageKeys = (page: Page): Promise<string[]> =>
  page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(({ name }) => `${name} (database)`),
  ])

/** Waits until there are databases, or none any more. */
export const untilDatabases = (page: Page, there: boolean): Promise<void> =>
  until(
    () =>
      page.evaluate(async (there) => {
        // its turn comes after what pages have begun to do with it
        await navigator.locks.request('leadlight:queue:', () => {})
        return (await indexedDB.databases()).length > 0 === there
      }, there),
    () => (there ? 'a database' : 'the end of the database'),
  )

/** Options of a page whose service is away: it keeps all, and what it still sends as it is left comes to nobody. */
export const away = `{ endpoint: 'http://127.0.0.1:1' }`

/** Sends the page into the background, as a visitor does who switches tabs. */
export const hide = (page: Page): Promise<void> =>
  page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  })

/** Waits for so many spans: a page that hides sends them at once, else they may take 5 s. */
export const untilSpans = (site: Site, page: Page, count: number): Promise<void> =>
  until(
    async () => {
      await hide(page)
      return site.spans.length >= count
    },
    () => `${count} spans`,
  )

/** A clock that only the test moves, from now plus `aheadMs`; and no chance, so that a page's turn comes 15 s after it opened. */
export async function stopClock(context: BrowserContext, aheadMs = 0): Promise<void> {
  await context.addInitScript(() => {
    Math.random = () => 0.5
  })
  const time = Date.now() + aheadMs
  await context.clock.install({ time })
  await context.clock.pauseAt(time)
}

export async function startSite(t: Test): Promise<Site> {
  const dist = t.testdir()
  await build(dist)
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const site = new Site(t, browser, JSON.parse(await readFile(`${dist}/manifest.json`, 'utf8')), dist)

  site.origin = await listen(t, (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://page')
    if (pathname === '/favicon.ico') return response.writeHead(204).end()
    if (/\.m?js$/.test(pathname)) return site.sendScript(pathname, response)
    if (pathname.startsWith('/api/')) {
      response.writeHead(Number(pathname.slice(5)), { 'content-type': 'application/json' })
      return response.end(JSON.stringify(request.headers))
    }
    const headers = { 'content-type': 'text/html', 'content-security-policy': site.policy }
    return response.writeHead(200, headers).end(pathname === '/bare' ? '<h1>Roofs</h1>' : site.html())
  })
  site.strangerOrigin = await listen(t, (request, response) => {
    response.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' })
    response.end(JSON.stringify(request.headers))
  })
  return site
}

function listen(t: Test, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}
