import { readFile } from 'node:fs/promises'
import type { Request } from 'playwright-core'
import t, { type Test } from 'tap'
import { type BrokenService, type FaultName, faults, type Route, startBrokenService } from './faults.ts'
import { hide, startSite, until } from './site.ts'

const site = await startSite(t)
t.beforeEach(() => site.reset())

/** What a page's owner can see of a visit, told apart by who said it. */
type Noise = {
  /** By a call of `console`: a script said it. */
  scripts: string[]
  /** Errors, rejections and violations that the page's own listeners heard, and exceptions that nobody caught. */
  page: string[]
  /** By the browser itself, about requests. */
  browser: string[]
}

type Visit = {
  /** Of the tag. */
  attributes?: string
  /** What must have ended before the page is left. */
  ended: Route[]
  /** The service is gone as soon as the page has its scripts, but for these. */
  goneBefore?: Route[]
}

const addresses: Record<Route, RegExp> = {
  script: /widget\.js/,
  'lazy part': /widget-later-/,
  events: /widget\/events/,
  spans: /v1\/traces/,
}

/** Loads the page, tells of a lead, hides, waits until what is broken was met, and leaves. */
async function visit(
  t: Test,
  service: BrokenService,
  { attributes = '', ended: wanted, goneBefore }: Visit,
): Promise<Noise> {
  site.markup = `<!doctype html><meta charset="utf-8"><script async src="${service.origin}/widget.js" data-site-key="pk_test" ${attributes}></script><h1>Roofs</h1>`
  const context = await site.visitor(t)
  await context.addInitScript(() => {
    // half a minute passes in a third of a second
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    AbortSignal.timeout = (ms) => timeout(ms / 100)
    const heard: string[] = []
    Object.assign(window, { heard })
    for (const type of ['error', 'unhandledrejection', 'securitypolicyviolation'])
      addEventListener(type, () => heard.push(type), true)
  })
  const page = await context.newPage()
  const noise: Noise = { scripts: [], page: [], browser: [] }
  const devtools = await context.newCDPSession(page)
  devtools.on('Runtime.consoleAPICalled', ({ args }) => noise.scripts.push(String(args[0]?.value)))
  devtools.on('Runtime.exceptionThrown', ({ exceptionDetails }) => noise.page.push(exceptionDetails.text))
  devtools.on('Log.entryAdded', ({ entry }) => noise.browser.push(entry.text))
  await devtools.send('Runtime.enable')
  await devtools.send('Log.enable')
  const ended: string[] = []
  const end = (request: Request) => request.redirectedTo() || ended.push(request.url())
  page.on('requestfinished', end)
  page.on('requestfailed', end)
  // on a slow machine a third of a second may pass before a request has left
  const wasAsked = (route: Route) => !service.broken.includes(route) || service.asked[route]
  const hasEnded = (route: Route) => wasAsked(route) && ended.some((address) => addresses[route].test(address))
  const untilEnded = (route: Route) =>
    until(
      async () => {
        await hide(page)
        // nobody sets a time limit for a script
        const isHeld = service.fault === faults['never answers'] && route === 'lazy part' && service.asked[route]
        return isHeld || hasEnded(route)
      },
      () => `the end of a request for ${route}, ended are ${ended.join(', ')}`,
    )

  await page.goto(site.origin)
  await page.waitForLoadState('load')
  if (goneBefore) {
    if (!goneBefore.includes('lazy part')) await untilEnded('lazy part')
    await service.close()
  }
  await page.evaluate(() =>
    dispatchEvent(
      new CustomEvent('leadlight', { detail: { type: 'lead_captured', properties: { contact: 'phone' } } }),
    ),
  )
  for (const route of wanted) await untilEnded(route)
  noise.page.push(
    ...(await page.evaluate(async () => {
      // idle time, for what follows from the last answer
      await new Promise((resolve) => requestIdleCallback(resolve))
      return (window as unknown as { heard: string[] }).heard
    })),
  )
  await page.goto('about:blank')
  await context.close()
  return noise
}

/** What a browser itself writes about requests; no script can keep it from that. The library's README lists it. */
const ofTheBrowser =
  /^(Failed to load resource: |Access to (fetch|script) at \S+ (\(redirected from \S+\) )?from origin \S+ has been blocked by CORS policy: |Failed to load module script: )/

function expectSilence(t: Test, { scripts, page, browser }: Noise): void {
  t.same(scripts, [], 'no script wrote to the console')
  t.same(page, [], 'the page heard of no error')
  t.same(
    browser.filter((line) => !ofTheBrowser.test(line)),
    [],
    'the browser told of nothing but requests',
  )
  for (const line of new Set(browser)) t.comment(line)
}

// spans by themselves: after some answers to events none are sent
const kinds: Route[][] = [['lazy part', 'events'], ['events'], ['spans']]
for (const broken of kinds) {
  for (const name of Object.keys(faults) as FaultName[])
    t.test(`a service that ${name}, for ${broken.join(' and ')}, makes no noise`, async (t) => {
      const service = await startBrokenService(t, site.scripts)
      Object.assign(service, { fault: faults[name], broken })
      expectSilence(t, await visit(t, service, { ended: broken }))
      t.ok(
        broken.every((route) => service.asked[route]),
        'and was asked',
      )
    })

  t.test(`a service that is gone, for ${broken.join(' and ')}, makes no noise`, async (t) => {
    const service = await startBrokenService(t, site.scripts)
    expectSilence(t, await visit(t, service, { ended: broken, goneBefore: broken }))
  })
}

t.test('with `debug` the same visit is told line by line', async (t) => {
  const service = await startBrokenService(t, site.scripts)
  Object.assign(service, { fault: faults['fails with 500'], broken: ['events'] })
  const { scripts, page } = await visit(t, service, { ended: ['events'], attributes: 'data-debug' })
  t.ok(scripts.length > 1)
  t.same([...new Set(scripts)], ['[leadlight]'])
  t.same(page, [])
})

const noisy: Record<string, [script: string, heard: object]> = {
  'writes to the console': ['console.debug("guest")', { scripts: ['guest'] }],
  throws: ['setTimeout(() => { throw new Error("guest") })', { page: ['Uncaught', 'error'] }],
  'forgets a rejection': [
    'fetch("/elsewhere", { method: "POST", signal: AbortSignal.abort() })',
    { page: [/^Uncaught \(in promise\)/] },
  ],
}
for (const [does, [script, heard]] of Object.entries(noisy))
  t.test(`a widget that ${does} would be found out`, async (t) => {
    const service = await startBrokenService(t, site.scripts)
    service.script = `${await readFile(`${site.scripts}/widget.js`, 'utf8')};${script}`
    t.match(await visit(t, service, { ended: ['events'] }), heard)
  })
