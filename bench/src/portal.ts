// What the contractor's page weighs, and how soon a slow phone shows its first numbers.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { addTenant } from 'ingest-service/cli/tenants'
import { commitRows } from 'ingest-service/commit'
import { rollUp } from 'ingest-service/rollup'
import type { BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import { buildBundles } from 'stack/build'
import type { Bench, Run } from './bench.ts'
import { type Database, openTestPool, startServer } from './database.ts'
import type { Figure } from './figure.ts'
import { interleave } from './rounds.ts'
import { startService } from './service-process.ts'
import { median, medianRatio } from './statistics.ts'
import { makeVisit, origin, rowOf } from './visits.ts'

/** Bytes in a KB of the budgets, as browsers' network panels count. */
const bytesPerKb = 1_000
const weightMostKb = 60
/** A phone's processor beside this machine's. */
const cpuSlowdown = 4
const firstNumbersMostMs = 1_000
/** The bare page draws two numbers and nothing else; ours may take so many times as long. */
const bareMost = 4
const visits = 500
const phone = { width: 390, height: 844 }
const dist = fileURLToPath(new URL('../../portal/dist/', import.meta.url))

export const portal: Bench = { about: "the contractor's page: weight, and time to its first numbers", measure }

async function measure(run: Run): Promise<Figure[]> {
  run.say('building the page')
  await buildBundles()
  const files = await Promise.all(['index.html', 'portal.js', 'portal.css'].map((name) => readFile(join(dist, name))))
  const weight = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / bytesPerKb

  const server = await startServer(run)
  const database = await server.createDatabase('portal', 0)
  const token = await fill(run, database)
  const { port } = await startService(run, database, 'grouped')
  const browser = await launchBrowser()
  run.teardown(() => browser.close())
  const url = `http://127.0.0.1:${port}`
  const visit = (open: (context: BrowserContext) => Promise<string>) => async (): Promise<number> => {
    // a browser that has nothing of the page yet
    const context = await browser.newContext({ viewport: phone })
    try {
      await context.request.post(`${url}/portal/session`, { data: { token } })
      return await timeFirstNumbers(await context.newPage(), await open(context))
    } finally {
      await context.close()
    }
  }
  const ms = await interleave(
    {
      portal: visit(async () => `${url}/portal/`),
      'bare page': visit(async (context) => {
        await context.route('**/portal/bare', (route) => route.fulfill({ contentType: 'text/html', body: barePage }))
        return `${url}/portal/bare`
      }),
    },
    run,
  )
  const beside = `${median(ms.portal).toFixed(0)} v ${median(ms['bare page']).toFixed(0)} ms for a bare page that asks the same`
  return [
    { what: 'portal: all of the page, gzip', value: weight, unit: 'KB', budget: { most: weightMostKb } },
    {
      what: `portal: first numbers ÷ bare page, processor ${cpuSlowdown}x slower`,
      value: medianRatio(ms.portal, ms['bare page']),
      unit: 'x',
      budget: { most: bareMost },
      beside,
    },
    {
      what: `portal: first numbers, processor ${cpuSlowdown}x slower`,
      value: median(ms.portal),
      unit: 'ms',
      budget: { most: firstNumbersMostMs },
    },
  ]
}

/** Half an hour of visits, of one contractor. */
async function fill({ teardown, say }: Run, { url, owner }: Database): Promise<string> {
  say(`making ${visits} visits`)
  const added = await addTenant(owner, { name: 'Acme', timeZone: 'UTC', origins: [origin] })
  const writing = openTestPool(url, teardown, { role: 'leadlight_ingest', size: 1 })
  const nowMs = Date.now()
  for (let first = 0; first < visits; first += 25) {
    const events = Array.from({ length: 25 }, () => makeVisit(nowMs)).flat()
    await commitRows(
      writing,
      events.map((event) => rowOf(event, added.tenant_id, nowMs)),
    )
  }
  await rollUp(openTestPool(url, teardown, { role: 'leadlight_rollup', size: 1 }), new Date(0))
  return added.read_token
}

/** Two numbers as soon as they are known: what any page needs that asks the same two questions. */
const barePage = `<!doctype html><title>bare</title><p class="number"></p><script>
  Promise.all(['summary', 'funnel'].map((name) => fetch('/api/v1/analytics/' + name).then((answer) => answer.json())))
    .then(([summary, funnel]) => {
      document.querySelector('.number').textContent = summary.widget_views + ' ' + funnel.steps.length
    })
</script>`

/** Milliseconds from the navigation to the frame after the first number stands there. */
async function timeFirstNumbers(page: Page, url: string): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown })
  await page.addInitScript(() => {
    const watch = () => {
      if (!document.querySelector('.number')?.textContent) return requestAnimationFrame(watch)
      return requestAnimationFrame(() => document.documentElement.setAttribute('data-painted', `${performance.now()}`))
    }
    requestAnimationFrame(watch)
  })
  await page.goto(url)
  const painted = page.locator('[data-painted]')
  await painted.waitFor({ state: 'attached', timeout: 60_000 })
  return Number(await painted.getAttribute('data-painted'))
}
