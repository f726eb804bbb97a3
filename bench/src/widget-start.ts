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
import { median } from './statistics.ts'

/** How many times slower than this machine: what browsers' own tools take for a phone of the middle class. */
const slowdown = 4
const aimMs = 10
const dist = fileURLToPath(new URL('../../widget-otel/dist/', import.meta.url))

type Start = { scriptMs: number; longTasks: number; isLaterAfterLoad: boolean }

export const widgetStart: Bench = {
  about: 'main-thread time of the widget’s start on a slowed processor',
  async measure({ rounds, say, teardown }) {
    say('building the widget')
    await buildBundles()
    const url = await serve(teardown)
    const browser = await launchBrowser()
    teardown(() => browser.close())
    const starts: Start[] = []
    for (let round = 0; round <= rounds; round++) {
      say(round ? `round ${round} of ${rounds}` : 'warm-up')
      const bare = await measureStart(browser, `${url}bare`)
      const start = await measureStart(browser, url)
      start.scriptMs -= bare.scriptMs
      if (round) starts.push(start)
    }
    return [
      {
        what: `widget: script time until loaded, ${slowdown}x slower`,
        value: median(starts.map(({ scriptMs }) => scriptMs)),
        unit: 'ms',
        // told without a budget: what else the machine does shows too much in it
        beside: `${Math.min(...starts.map(({ scriptMs }) => scriptMs)).toFixed(1)} ms at least; the aim is ${aimMs} ms`,
      },
      {
        what: 'widget: long tasks before its lazy part',
        value: median(starts.map(({ longTasks }) => longTasks)),
        unit: 'x',
        budget: { most: 0 },
      },
      {
        what: 'widget: starts whose lazy part came after the page had loaded',
        value: (100 * starts.filter(({ isLaterAfterLoad }) => isLaterAfterLoad).length) / starts.length,
        unit: '%',
        budget: { least: 100 },
      },
    ]
  },
}

/** A page with nothing but the tag, and a service that takes everything. */
async function serve(teardown: (end: () => unknown) => void): Promise<string> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    if (request.method !== 'GET') {
      const body = { accepted: 1, duplicates: 0, ignored: 0, rejected: [], server_time: new Date().toISOString() }
      return void response.writeHead(200, { 'access-control-allow-origin': '*' }).end(JSON.stringify(body))
    }
    if (path.endsWith('.js')) {
      const script = await readFile(join(dist, path)).catch(() => '')
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    }
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(path === '/bare' ? page.replace(/<script async.*?<\/script>/, '') : page)
  }).listen(0, '127.0.0.1')
  teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const page = `<!doctype html><title>Roofs</title>
<script>
  window.longTasks = []
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ startTime }) => startTime))).observe({ type: 'longtask' })
</script>
<script async src="/widget.js" data-site-key="pk_bench"></script><h1>Roofs</h1>`

/** Script time is all that ran on the page's main thread; that of the same page without the tag is to be taken off. */
async function measureStart(browser: Browser, url: string): Promise<Start> {
  const context = await browser.newContext()
  try {
    const tab = await context.newPage()
    const devtools = await context.newCDPSession(tab)
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    // time the thread itself has worked, whoever else keeps the machine busy
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
    const isBare = url.endsWith('bare')
    const later = isBare ? undefined : tab.waitForRequest(/widget-later/)
    await tab.goto(url)
    await later
    const { metrics } = await devtools.send('Performance.getMetrics')
    const scriptMs = 1_000 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN)
    const { longTasks, loadEndMs, laterMs } = await tab.evaluate(() => {
      const entries = performance.getEntriesByType('resource')
      return {
        longTasks: (window as never as { longTasks: number[] }).longTasks,
        loadEndMs: performance.timing.loadEventEnd - performance.timing.navigationStart,
        laterMs: entries.find(({ name }) => name.includes('widget-later'))?.startTime ?? Number.POSITIVE_INFINITY,
      }
    })
    const scriptMsAt = await tab.evaluate(
      () => performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/widget.js'))?.startTime ?? 0,
    )
    return {
      scriptMs,
      longTasks: longTasks.filter((startMs) => startMs >= scriptMsAt && startMs < laterMs).length,
      isLaterAfterLoad: laterMs >= loadEndMs,
    }
  } finally {
    await context.close()
  }
}
