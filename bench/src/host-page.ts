// What a page itself notices when the widget's service is broken: its own timings, beside those with a healthy one and without the widget.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
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
/** How long a late script takes. */
const lateMs = 1_000

const dist = fileURLToPath(new URL('../../widget-otel/dist/', import.meta.url))

/** Milliseconds by the page's clock. */
const timings = {
  domContentLoaded: 'DOMContentLoaded',
  load: 'load',
  firstContentfulPaint: 'first contentful paint',
  ownWork: 'its own work while the visitor uses the widget',
  ownRequest: 'its own request meanwhile',
  interaction: 'from a click in the widget to the next frame',
  longTasks: 'its long tasks, together',
}
type Timing = keyof typeof timings
type Timings = Record<Timing, number>

/** What the page itself keeps on `window`. */
type Told = { leadlight: { type: string; properties: object }[]; clickedMs: Promise<number>; longMs: number }

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
      if (pathname === '/own') return void setTimeout(ownAnswerMs).then(() => response.end('{}'))
      response.writeHead(200, { 'content-type': 'text/html' }).end(html(searchParams.get('tag') ?? ''))
    }, teardown)
    const browser = await launchBrowser()
    teardown(() => browser.close())
    const tag = (origin: string, endpoint = origin) =>
      `<script async src="${origin}/widget.js" data-endpoint="${endpoint}" data-site-key="pk_bench"></script>`
    const visits = (markup: string, awaited?: RegExp) => async (): Promise<Timings> => {
      const all: Timings[] = []
      while (all.length < visitsPerRound)
        all.push(await visit(browser, `${site}/?tag=${encodeURIComponent(markup)}`, awaited))
      return medians(all)
    }
    const events = /widget\/events/
    const measured = await interleave(
      {
        without: visits(''),
        withoutAgain: visits(''),
        healthy: visits(tag(origins.healthy), events),
        healthyAgain: visits(tag(origins.healthy), events),
        refused: visits(tag(origins.healthy, refused), events),
        slow: visits(tag(origins.slow), events),
        garbage: visits(tag(origins.garbage), events),
        late: visits(tag(`${origins.healthy}/late`, origins.healthy), events),
        afterLoad: visits(tagAfterLoad(origins.healthy), events),
        afterLoadNever: visits(tagAfterLoad(`${origins.healthy}/never`), /never\/widget\.js/),
      },
      { rounds, say },
    )
    type Kind = keyof typeof measured
    return (Object.keys(timings) as Timing[]).flatMap((timing) => {
      const of = (kind: Kind) => measured[kind].map((round) => round[timing])
      const ratio = (kind: Kind, baseline: Kind) => medianRatio(of(kind), of(baseline))
      const compare = (kind: Kind, what: string, baseline: 'healthy' | 'without', isHeld = true): Figure => {
        const twice = ratio(`${baseline}Again`, baseline)
        const budget = { most: mostTimes * Math.max(twice, 1 / twice) }
        const other = baseline === 'healthy' ? 'beside a healthy service' : 'without the widget'
        return {
          what: `${timings[timing]}: ${what}, to ${baseline === 'healthy' ? 'healthy' : 'none'}`,
          value: ratio(kind, baseline),
          unit: 'x',
          ...(isHeld && { budget }),
          beside: `${median(of(kind)).toFixed(1)} ms; ${median(of(baseline)).toFixed(1)} ms ${other}, twice measured ${twice.toFixed(2)}x`,
        }
      }
      const isHeld = !touched.includes(timing)
      return [
        ...broken.flatMap(([kind, what]) => [compare(kind, what, 'healthy'), compare(kind, what, 'without', isHeld)]),
        compare('healthy', 'healthy service', 'without', isHeld),
        compare('late', 'script that takes a second', 'without', isHeld),
        compare('afterLoad', 'tag put in after load', 'without', timing !== 'ownWork'),
        compare('afterLoadNever', 'tag put in after load, script that never comes', 'without'),
      ]
    })
  },
}

const broken = [
  ['refused', 'no service'],
  ['slow', 'service that never answers'],
  ['garbage', 'service that answers with a page'],
] as const

/**
 * What a healthy widget has a part in, told and not held against a page without it: `load` waits for every script that
 * stands in the page, `async` or not; and the work while the visitor uses the widget contains the widget's own.
 */
const touched: Timing[] = ['load', 'ownWork']

/** As the README has it for pages whose `load` must wait for nobody. */
const tagAfterLoad = (origin: string) => `<script>
  addEventListener('load', () => {
    const tag = document.createElement('script')
    tag.src = '${origin}/widget.js'
    tag.dataset.siteKey = 'pk_bench'
    document.head.append(tag)
  })
</script>`

const medians = (all: Timings[]): Timings =>
  Object.fromEntries(
    (Object.keys(timings) as Timing[]).map((name) => [name, median(all.map((one) => one[name]))]),
  ) as Timings

/** A page of ordinary size, with a script of its own that is a long task. */
const html = (tag: string): string =>
  `<!doctype html><title>Roofs</title><script>
    window.leadlight = []
    window.longMs = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longMs += duration
    }).observe({ type: 'longtask' })
  </script>${tag}<h1>Roofs</h1><button>Call me</button>${'<p>We mend roofs of slate, tile and tin.</p>'.repeat(1_000)}<script>
    for (const endMs = performance.now() + 80; performance.now() < endMs; );
  </script>`

function serve(answer: (response: ServerResponse) => unknown, teardown: Run['teardown']): Promise<string> {
  return listen(async (request, response) => {
    const path = request.url ?? ''
    if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
    if (request.method === 'POST') return void answer(response)
    if (path.startsWith('/never/')) return
    if (path.startsWith('/late/')) await setTimeout(lateMs)
    const script = await readFile(join(dist, basename(path))).catch(() => '')
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

/** @param awaited a request without which the widget was not what was measured */
async function visit(browser: Browser, url: string, awaited?: RegExp): Promise<Timings> {
  const context = await browser.newContext()
  try {
    const tab = await context.newPage()
    const asked = awaited && tab.waitForRequest(awaited)
    await tab.goto(url)
    const taken = await tab.evaluate(use)
    await tab.evaluate(awaitClick)
    await tab.click('button')
    const interaction = await tab.evaluate(() => (window as never as Told).clickedMs)
    await asked
    return { ...taken, interaction }
  } finally {
    await context.close()
  }
}

/** Runs in the page: its own work and its own request while the visitor opens the widget, writes and leaves a number. */
async function use(): Promise<Omit<Timings, 'interaction'>> {
  const tell = (type: string, properties = {}) => (window as never as Told).leadlight.push({ type, properties })
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
    await new Promise((resolve) => window.setTimeout(resolve))
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
    longTasks: (window as never as Told).longMs,
  }
}

/** Runs in the page: what a click on the widget's button costs, from the visitor's finger to the next frame. */
function awaitClick(): void {
  ;(window as never as Told).clickedMs = new Promise((resolve) =>
    document.querySelector('button')?.addEventListener('click', ({ timeStamp }) => {
      ;(window as never as Told).leadlight.push({ type: 'lead_captured', properties: { contact: 'phone' } })
      requestAnimationFrame(() => window.setTimeout(() => resolve(performance.now() - timeStamp)))
    }),
  )
}
