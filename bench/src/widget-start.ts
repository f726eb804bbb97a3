// What the widget costs a page while it starts: main-thread time of its first part on a slow phone, and when the rest comes.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import { buildBundles } from 'stack/build'
import type { Bench } from './bench.ts'
import type { Figure } from './figure.ts'
import { buildPeer } from './peers.ts'
import { interleave } from './rounds.ts'
import { readScriptTime, type ScriptTime, type TraceEvent, traceCategories } from './script-time.ts'
import { median } from './statistics.ts'

/**
 * How many times slower than this machine: what browsers' own tools take for a phone of the middle class. Multiplied, not
 * emulated: Chromium's throttling goes by the clock, and so counts four times over what other work here has delayed.
 * decisions/0018-a-start-is-counted-in-processor-time.md
 */
const slowdown = 4
const startMostMs = 10
const longTaskMs = 50
/** Each in a new context, that is with nothing compiled, stored or connected yet. */
const visitsPerRound = 5

const dist = fileURLToPath(new URL('../../widget-otel/dist/', import.meta.url))
const host = 'www.acme.example'

type Visit = ScriptTime & { isLaterIdle: boolean }

export const widgetStart: Bench = {
  about: 'main-thread time of the widget’s start on a slowed processor',
  async measure({ rounds, say, teardown }) {
    say('building the widget and two peers')
    await buildBundles()
    const scripts: Record<string, string> = {
      '/empty.js': ';',
      '/plausible.js': await buildPeer('@plausible-analytics/tracker: page views'),
      '/sentry.js': await buildPeer('@sentry/browser: errors'),
    }
    const port = await serve(scripts, teardown)
    const browser = await launchBrowser({
      // peers go by the page's name, and call services of theirs: nothing leaves this machine
      args: [`--host-resolver-rules=MAP ${host} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`],
    })
    teardown(() => browser.close())
    const page = (script: string) => `http://${host}:${port}/services/roof-repair?utm_source=google&script=${script}`
    const visits = (script: string) => async (): Promise<Visit[]> => {
      const all: Visit[] = []
      while (all.length < visitsPerRound) all.push(await visit(browser, page(script), script))
      return all
    }
    const measured = await interleave(
      {
        widget: visits('/widget.js'),
        empty: visits('/empty.js'),
        plausible: visits('/plausible.js'),
        sentry: visits('/sentry.js'),
      },
      { rounds, say },
    )
    const widget = measured.widget.flat()
    const start = (visits: Visit[][]) => visits.flat().map(({ startMs }) => slowdown * startMs)
    const peer = (what: string, visits: Visit[][]): Figure => ({ what, value: median(start(visits)), unit: 'ms' })
    return [
      {
        what: `widget: main thread from the script's arrival until the page has loaded, ${slowdown}x slower`,
        value: median(start(measured.widget)),
        unit: 'ms',
        budget: { most: startMostMs },
        beside: `${Math.min(...start(measured.widget)).toFixed(1)} ms at least, of ${widget.length} first visits`,
      },
      {
        what: 'widget: asking for its lazy part, in idle time',
        value: median(widget.map(({ idleMs }) => slowdown * idleMs)),
        unit: 'ms',
      },
      {
        what: 'widget: tasks before its lazy part that were long',
        value: widget.filter(({ longestTaskMs }) => slowdown * longestTaskMs > longTaskMs).length,
        unit: 'x',
        budget: { most: 0 },
        beside: `the longest, with all that the page did in it, was ${Math.max(...widget.map(({ longestTaskMs }) => slowdown * longestTaskMs)).toFixed(1)} ms`,
      },
      {
        what: 'widget: visits whose lazy part was asked for in idle time',
        value: (100 * widget.filter(({ isLaterIdle }) => isLaterIdle).length) / widget.length,
        unit: '%',
        budget: { least: 100 },
      },
      peer('the same page with an empty script in its place', measured.empty),
      peer('@plausible-analytics/tracker: page views, likewise', measured.plausible),
      peer('@sentry/browser: errors, likewise', measured.sentry),
    ]
  },
}

/** A page with nothing but one script of ours or a peer's, and a service that takes everything. */
async function serve(scripts: Record<string, string>, teardown: (end: () => unknown) => void): Promise<number> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method !== 'GET') {
      const body = { accepted: 1, duplicates: 0, ignored: 0, rejected: [], server_time: new Date().toISOString() }
      return void response.writeHead(200, { 'access-control-allow-origin': '*' }).end(JSON.stringify(body))
    }
    if (pathname.endsWith('.js')) {
      const script = scripts[pathname] ?? (await readFile(join(dist, pathname)).catch(() => ''))
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    }
    const tag = `<script async src="${searchParams.get('script')}" data-site-key="pk_bench"></script>`
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>Roofs</title>${tag}<h1>Roofs</h1>`)
  }).listen(0, '127.0.0.1')
  teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

async function visit(browser: Browser, url: string, script: string): Promise<Visit> {
  const context = await browser.newContext()
  try {
    const tab = await context.newPage()
    const later = script === '/widget.js' ? tab.waitForRequest(/widget-later/) : undefined
    await browser.startTracing(tab, { categories: traceCategories })
    await tab.goto(url, { referer: 'https://www.google.com/' })
    await later
    await tab.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
    const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] }
    const time = readScriptTime(traceEvents, new URL(script, url).href)
    if (!time.startMs) throw new Error(`the trace shows nothing of ${script}`)
    return { ...time, isLaterIdle: time.idleRequests.some((address) => address.includes('/widget-later-')) }
  } finally {
    await context.close()
  }
}
