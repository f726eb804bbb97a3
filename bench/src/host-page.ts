// What a page itself notices when the widget's service is broken: its own timings, beside those with a healthy one and without the widget.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import { buildBundles } from 'stack/build'
import type { Bench, Run } from './bench.ts'
import type { Figure } from './figure.ts'
import { interleave } from './rounds.ts'
import { median, medianRatio } from './statistics.ts'

/**
 * A broken service may cost the page so much more than a healthy one, times what two measurements beside the healthy one
 * differ by in the same run.
 */
const mostTimes = 1.25
/** Each in a new context, as a first visit. */
const visitsPerRound = 5
/** What the page's own API needs for an answer. */
const ownAnswerMs = 20

const dist = fileURLToPath(new URL('../../widget-otel/dist/', import.meta.url))

/** Milliseconds by the page's clock. */
const timings = {
  domContentLoaded: 'DOMContentLoaded',
  load: 'load',
  firstContentfulPaint: 'first contentful paint',
  ownWork: 'its own work while the visitor uses the widget',
  ownRequest: 'its own request meanwhile',
}
type Timing = keyof typeof timings
type Timings = Record<Timing, number>

const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
const verdict = () =>
  JSON.stringify({ accepted: 1, duplicates: 0, ignored: 0, rejected: [], server_time: new Date().toISOString() })
/** 100 KB, as a sign-in page of whoever stands between. */
const pageOfAnother = Buffer.from('<!doctype html><p>Sign in</p>'.repeat(3_500))

/** What the service answers to events and spans; scripts it serves in any case. */
const answers = {
  healthy: (response: ServerResponse) => response.writeHead(200, cors).end(verdict()),
  slow: () => undefined,
  garbage: (response: ServerResponse) =>
    response.writeHead(200, { ...cors, 'content-type': 'text/html' }).end(pageOfAnother),
}

export const hostPage: Bench = {
  about: 'what a page notices of a broken service, beside a healthy one',
  async measure({ rounds, say, teardown }) {
    say('building the widget')
    await buildBundles()
    const origins = Object.fromEntries(
      await Promise.all(Object.entries(answers).map(async ([name, answer]) => [name, await serve(answer, teardown)])),
    ) as Record<keyof typeof answers, string>
    const refused = await closedOrigin()
    const site = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
      if (pathname === '/own') return void setTimeout(() => response.end('{}'), ownAnswerMs)
      response.writeHead(200, { 'content-type': 'text/html' }).end(html(searchParams.get('tag') ?? ''))
    }, teardown)
    const browser = await launchBrowser()
    teardown(() => browser.close())
    const tag = (origin: string, endpoint = origin) =>
      `<script async src="${origin}/widget.js" data-endpoint="${endpoint}" data-site-key="pk_bench"></script>`
    const visits = (markup: string) => async (): Promise<Timings> => {
      const all: Timings[] = []
      while (all.length < visitsPerRound)
        all.push(await visit(browser, `${site}/?tag=${encodeURIComponent(markup)}`, markup !== ''))
      return medians(all)
    }
    const measured = await interleave(
      {
        without: visits(''),
        healthy: visits(tag(origins.healthy)),
        again: visits(tag(origins.healthy)),
        refused: visits(tag(origins.healthy, refused)),
        slow: visits(tag(origins.slow)),
        garbage: visits(tag(origins.garbage)),
      },
      { rounds, say },
    )
    return (Object.keys(timings) as Timing[]).flatMap((timing) => {
      const of = (kind: keyof typeof measured) => measured[kind].map((round) => round[timing])
      const ratio = (kind: keyof typeof measured) => medianRatio(of(kind), of('healthy'))
      const noise = Math.max(ratio('again'), 1 / ratio('again'))
      const figure = (kind: keyof typeof measured, service: string): Figure => ({
        what: `page with the widget, ${service}: ${timings[timing]}`,
        value: ratio(kind),
        unit: 'x',
        budget: { most: mostTimes * noise },
        beside: `${median(of(kind)).toFixed(1)} ms; ${median(of('healthy')).toFixed(1)} ms beside a healthy service, twice measured ${ratio('again').toFixed(2)}x`,
      })
      return [
        figure('refused', 'no service'),
        figure('slow', 'service that never answers'),
        figure('garbage', 'service that answers with a page'),
        {
          // a tag's script, of whatever content, holds up `load` until it is there: told, and no matter of the service
          what: `page without the widget: ${timings[timing]}`,
          value: ratio('without'),
          unit: 'x' as const,
          beside: `${median(of('without')).toFixed(1)} ms`,
        },
      ]
    })
  },
}

const medians = (all: Timings[]): Timings =>
  Object.fromEntries(
    (Object.keys(timings) as Timing[]).map((name) => [name, median(all.map((one) => one[name]))]),
  ) as Timings

/** A page of ordinary size, with a script of its own. */
const html = (tag: string): string =>
  `<!doctype html><title>Roofs</title>${tag}<h1>Roofs</h1>${'<p>We mend roofs of slate, tile and tin.</p>'.repeat(1_000)}<script>
    for (let sum = 0, index = 0; index < 2e7; index++) sum += index % 7
  </script>`

function serve(answer: (response: ServerResponse) => unknown, teardown: Run['teardown']): Promise<string> {
  return listen(async (request, response) => {
    const path = request.url ?? ''
    if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
    if (request.method === 'POST') return void answer(response)
    const script = await readFile(join(dist, path)).catch(() => '')
    response.writeHead(200, { ...cors, 'content-type': 'text/javascript' }).end(script)
  }, teardown)
}

async function listen(listener: RequestListener, teardown: Run['teardown']): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Where nobody listens. */
async function closedOrigin(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

async function visit(browser: Browser, url: string, hasWidget: boolean): Promise<Timings> {
  const context = await browser.newContext()
  try {
    const tab = await context.newPage()
    const asked = hasWidget && tab.waitForRequest(/widget\/events/)
    await tab.goto(url)
    const taken = await tab.evaluate(use)
    // or the widget was not what was measured
    await asked
    return taken
  } finally {
    await context.close()
  }
}

/** Runs in the page: its own work and its own request while the visitor opens the widget, writes and leaves a number. */
async function use(): Promise<Timings> {
  const tell = (type: string, properties = {}) =>
    dispatchEvent(new CustomEvent('leadlight', { detail: { type, properties } }))
  const startedMs = performance.now()
  const request = fetch('/own')
    .then((response) => response.json())
    .then(() => performance.now() - startedMs)
  const said: [string, object?][] = [
    ['widget_opened', { trigger: 'click' }],
    ['message_sent'],
    ['message_sent'],
    ['lead_captured', { contact: 'phone' }],
    ['quote_requested'],
  ]
  for (const [type, properties] of said) {
    tell(type, properties)
    let sum = 0
    while (sum < 5e6) sum += 1 + (sum % 2)
    await new Promise((resolve) => setTimeout(resolve))
  }
  const ownWork = performance.now() - startedMs
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  // a page that has loaded may still wait for its first picture
  const paint = await new Promise<PerformanceEntry>((resolve) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntriesByName('first-contentful-paint')) resolve(entry)
    }).observe({ type: 'paint', buffered: true }),
  )
  return {
    domContentLoaded: page?.domContentLoadedEventEnd ?? Number.NaN,
    load: page?.loadEventEnd ?? Number.NaN,
    firstContentfulPaint: paint.startTime,
    ownWork,
    ownRequest: await request,
  }
}
