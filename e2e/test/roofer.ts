// A contractor's site with the tag on each page, the real service behind a door that can fail, and what got into the database.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { addTenant } from 'ingest-service/cli/tenants'
import pg from 'pg'
import type { BrowserContext, Page } from 'playwright-core'
import { cloneDatabase } from 'stack/test-database'
import type { Test } from 'tap'
import { eventually } from './backends.ts'
import { type Door, openDoor } from './door.ts'
import { startService } from './service.ts'

export type Roofer = {
  origin: string
  door: Door
  /** What the collector was sent. */
  spans: string[]
  /** Types of the events stored from a page, in their order. */
  stored(path: string): Promise<string[]>
  /** Waits until so many are stored from a page, and answers with their types. */
  untilStored(path: string, count: number): Promise<string[]>
  /** Every row there is, as text. */
  rows(): Promise<string[]>
  /** Waits until there are so many rows. */
  untilStoredInAll(count: number): Promise<string[]>
  /** Opens a page in which no exception stays unseen. */
  open(t: Test, context: BrowserContext, path: string): Promise<Page>
  /** The visitor comes again, `afterMs` later; what was left behind has arrived when the page has told its own. */
  comeAgain(t: Test, context: BrowserContext, afterMs?: number): Promise<void>
}

/** Attributes for the tag, beside its key. */
type Options = { attributes?: string }

export async function startRoofer(t: Test, { attributes = '' }: Options = {}): Promise<Roofer> {
  const spans: string[] = []
  const collector = createServer(async (request, response) => {
    // a page that is closed as it sends leaves half a body
    const body = await text(request).catch(() => undefined)
    if (body === undefined) return
    spans.push(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  let html = ''
  const site = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://roofer')
    // never answered: what the page's own requests hold while they wait
    if (pathname === '/hold') return void request.resume()
    if (pathname === '/favicon.ico') return void response.writeHead(204).end()
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(pathname === '/bare' ? '<!doctype html><h1>Roofs</h1>' : html)
  })
  for (const server of [collector, site]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
  }
  const portOf = (server: typeof site) => (server.address() as AddressInfo).port
  const origin = `http://127.0.0.1:${portOf(site)}`

  const { url } = await cloneDatabase(t)
  const service = await startService(t, url, {
    env: { COLLECTOR_URL: `http://127.0.0.1:${portOf(collector)}`, LIMIT_KEY_SPAN_BYTES_PER_SECOND: '0' },
  })
  const door = await openDoor(t, service.url)
  const owner = new pg.Pool({ connectionString: url, max: 1 })
  const { site_key } = await addTenant(owner, { name: 'Roofer', timeZone: 'UTC', origins: [origin] })
  await owner.end()
  const db = new pg.Pool({ connectionString: url, max: 1, options: '-c role=leadlight_views' })
  t.teardown(() => db.end())
  html = `<!doctype html><title>Roofer</title><script async src="${door.url}/widget.js" data-site-key="${site_key}" ${attributes}></script><h1>Roofs</h1>`

  const stored = async (path: string): Promise<string[]> => {
    const { rows } = await db.query('select type from leadlight.events where page = $1 order by id', [path])
    return rows.map(({ type }) => type)
  }
  const rows = async (): Promise<string[]> => {
    const found = await db.query('select e::text as row from leadlight.events e')
    return found.rows.map(({ row }) => row)
  }
  return {
    origin,
    door,
    spans,
    stored,
    untilStored: (path, count) =>
      eventually(
        () => stored(path),
        (types) => types.length >= count,
        60_000,
      ),
    rows,
    untilStoredInAll: (count) => eventually(rows, (all) => all.length >= count, 60_000),
    async open(t, context, path) {
      const page = await context.newPage()
      page.on('pageerror', (error) => t.fail(`the page saw an exception: ${error.message}`))
      await page.goto(origin + path)
      return page
    },
    async comeAgain(t, context, afterMs = 0) {
      const page = await context.newPage()
      if (afterMs) await page.clock.install({ time: Date.now() + afterMs })
      page.on('pageerror', (error) => t.fail(`the page saw an exception: ${error.message}`))
      await page.goto(`${origin}/again`)
      if (afterMs) await page.clock.runFor(10_000)
    },
  }
}

/** A queue whose page is gone without a word is left alone so long. */
export const laterMs = 180_000

/** Sends the page into the background, as a visitor does who switches tabs. */
export const hide = (page: Page): Promise<void> =>
  page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  })

/** As a person does it who goes elsewhere first. A page that is closed is given half a second to hear of it, busy or not. */
export async function leave(page: Page): Promise<void> {
  await page.goto('about:blank')
  await page.close()
}

/** What a visitor does, in the page: opens the widget, writes a message, leaves a number. Runs in the browser. */
export function act(): void {
  const tell = (type: string, properties = {}) =>
    document.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, detail: { type, properties } }))
  tell('widget_opened', { trigger: 'click' })
  tell('message_sent')
  tell('lead_captured', { contact: 'phone' })
}

/** What `act` leaves on a page that has loaded. */
export const acted = ['widget_loaded', 'widget_opened', 'message_sent', 'lead_captured']
