import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { hide, startSite, until, untilSpans } from './site.ts'

const site = await startSite(t)

/** The host's own receiver of spans and errors. */
let received: { path: string; body: string }[] = []
const receiver = createServer(async (request, response) => {
  // a page that is closed as it sends leaves half a body
  const body = await text(request).catch(() => undefined)
  if (body === undefined) return
  if (request.method === 'POST') received.push({ path: (request.url ?? '').replace(/\?.*/, ''), body })
  response.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).end('{}')
}).listen(0, '127.0.0.1')
await once(receiver, 'listening')
t.teardown(() => {
  receiver.close()
  receiver.closeAllConnections()
})
const receiverOrigin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`

for (const [name, inject] of [
  ['zone', ['zone.js']],
  ['stack', []],
] as const)
  await build({
    entryPoints: [fileURLToPath(new URL('host.ts', import.meta.url))],
    inject: [...inject],
    outfile: `${site.scripts}/host-${name}.js`,
    bundle: true,
    format: 'iife',
    target: 'es2022',
  })

t.beforeEach(() => site.reset())

const spans = () =>
  received
    .filter(({ path }) => path === '/spans')
    .flatMap(({ body }) => JSON.parse(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
const envelopes = () =>
  received.filter(({ path }) => path === '/errors').map(({ body }) => body.split('\n').map((line) => JSON.parse(line)))
const errors = () => envelopes().filter(([, { type }]) => type === 'event')

type Breadcrumb = { data?: { url?: string } }

/** Nothing stays but what is another one at each visit: when, how long, and ids by chance. */
const steady = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner) => {
      if (/time|duration|started|_at$|^init$/i.test(key)) return undefined
      // the host's own sending of spans, whose answers come when they come
      if (key === 'breadcrumbs') return inner.filter(({ data }: Breadcrumb) => !data?.url?.startsWith(receiverOrigin))
      if (typeof inner !== 'string') return inner
      return inner.replaceAll(/\b(?!a0000)([0-9a-f]{32}|[0-9a-f]{16})\b/g, 'id')
    }),
  )

/** All that the host and its owner can see of a visit. */
type Visit = { seen: string[]; spans: unknown; errors: unknown; pageErrors: string[]; globals: string[] }

/** What the host watches itself with, in the order in which it starts, and what spans follow. */
type Host = { tools: string; kind: 'zone' | 'stack' }
const usual: Host = { tools: 'OpenTelemetry Sentry', kind: 'stack' }

/** One visit to the page, with a guest in its head beside the host's own script. */
async function visit(t: Test, { tools, kind }: Host, guest = ''): Promise<Visit> {
  received = []
  site.markup = `<!doctype html><meta charset="utf-8"><script src="/host-${kind}.js" data-receiver="${receiverOrigin}" data-tools="${tools}"></script>${guest}<h1>Roofs</h1>`
  const context = await site.visitor(t)
  const page = await context.newPage()
  const pageErrors: string[] = []
  page.on('pageerror', ({ message }) => pageErrors.push(message))
  let sent = 0
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().startsWith(receiverOrigin)) sent++
  })
  await page.goto(site.origin)
  const seen = await page.evaluate(async (isOurs) => {
    const sent = () => performance.getEntriesByType('resource').filter(({ name }) => /widget\/events/.test(name)).length
    // what a guest sends must have been answered before the host's errors tell what came before them
    const tell = async (type: string, sends: number) => {
      const properties = { contact: 'phone', error_type: 'Error', message: 'ours' }
      dispatchEvent(new CustomEvent('leadlight', { detail: { type, properties } }))
      while (isOurs && sent() < sends) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return host.live(tell)
  }, guest.includes('/widget.js'))
  if (guest.includes('/widget.js')) await untilSpans(site, page, 5)
  else await hide(page)
  await page.evaluate(() => host.end())
  await until(
    () =>
      (!tools.includes('Sentry') || JSON.stringify(errors()).includes('the host ends')) &&
      (!tools.includes('OpenTelemetry') || JSON.stringify(spans()).includes('/api/201')),
    () => 'the last error and the last span',
  )
  const globals = await page.evaluate(() =>
    Reflect.ownKeys(window)
      .map(String)
      // zone.js notes there who listens
      .filter((name) => !name.startsWith('__zone_symbol__'))
      .concat(
        [
          fetch,
          XMLHttpRequest.prototype.send,
          addEventListener,
          history.pushState,
          setTimeout,
          Promise.prototype.then,
        ].map(String),
      ),
  )
  // the last may overtake what was sent before it
  await until(
    () => received.length >= sent,
    () => `${sent} spans and errors, not ${received.length}`,
  )
  await page.close()
  const inOrder = spans().sort((one, other) => (one.spanId < other.spanId ? -1 : 1))
  // sent side by side, they come in any order
  const told = envelopes().map((envelope) => JSON.stringify(steady(envelope)))
  return { seen, spans: steady(inOrder), errors: told.sort().map((one) => JSON.parse(one)), pageErrors, globals }
}

const tag = () => `<script async src="${site.serviceOrigin}/widget.js" data-site-key="pk_test"></script>`

const hosts: Host[] = [
  { tools: 'OpenTelemetry Sentry', kind: 'zone' },
  usual,
  { tools: 'Sentry OpenTelemetry', kind: 'stack' },
  { tools: 'OpenTelemetry', kind: 'stack' },
  { tools: 'Sentry', kind: 'stack' },
]
for (const host of hosts)
  t.test(`a page with ${host.tools} (${host.kind}) is, to itself, the same with the widget`, async (t) => {
    const without = await visit(t, host)
    t.same(await visit(t, host), without, 'as two visits without it are')
    t.same(await visit(t, host, tag()), without)
    if (host.tools.includes('OpenTelemetry'))
      t.match(without.seen, [/^200 00-a0/, /^503 00-a0/], 'its requests carry its own trace')
    const traces = new Set(site.spans.map(({ traceId }) => traceId))
    t.equal(traces.size, 1)
    t.notOk([...traces].some((id) => id.startsWith('a0000')))
    t.same([...site.stored.values()].map(({ type }) => type).sort(), [
      'lead_captured',
      'quote_requested',
      'widget_error',
      'widget_loaded',
      'widget_opened',
    ])
  })

const rude = {
  'patches fetch': 'const own = fetch; window.fetch = (...args) => own(...args)',
  'asks for something by the page’s own fetch': 'fetch("/api/200")',
  'registers for OpenTelemetry': `const api = globalThis[Symbol.for('opentelemetry.js.api.1')], root = api.context.active()
    api.context = { active: () => root, with: (context, run, self, ...args) => run.apply(self, args), bind: (context, run) => run }`,
  'writes to the console': 'console.info("guest")',
}
for (const [does, script] of Object.entries(rude))
  t.test(`a guest that ${does} would be found out`, async (t) => {
    t.notSame(await visit(t, usual, `<script>${script}</script>`), await visit(t, usual))
  })
