import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { launchBrowser } from 'stack/browser'
import { freePorts } from 'stack/ports'
import { startStack } from 'stack/stack'
import t from 'tap'
import { eventually } from './backends.ts'

const leadlight = fileURLToPath(new URL('../../ingest-service/src/leadlight.ts', import.meta.url))

const dataDir = await mkdtemp(join(tmpdir(), 'leadlight-snippet-'))
await chmod(dataDir, 0o711)
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
const stack = await startStack({ dataDir, ports: await freePorts(), core: true, log: (line) => t.comment(line) })
t.teardown(() => stack.close())
const browser = await launchBrowser()
t.teardown(() => browser.close())
const db = new pg.Pool({ connectionString: stack.databaseUrl, max: 1, options: '-c role=leadlight_views' })
t.teardown(() => db.end())

/** A site of its own origin whose every page is the given one, under the policy that the library's README names. */
let page = ''
const site = createServer((_request, response) =>
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'unsafe-inline' ${stack.publicUrl}; connect-src ${stack.publicUrl}; require-trusted-types-for 'script'; trusted-types 'none'`,
    })
    .end(page),
).listen(0, '127.0.0.1')
t.teardown(() => site.close())
await once(site, 'listening')
const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`

async function addTenant(): Promise<{ tenant_id: string; snippet: string }> {
  const args = [leadlight, 'tenant', 'add', '--name', 'Acme', '--time-zone', 'UTC', '--origin', origin, '--json']
  const env = { DATABASE_URL: stack.databaseUrl, PUBLIC_URL: stack.publicUrl }
  return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout)
}

async function typesOf(tenantId: string, count: number): Promise<string[]> {
  const ask = async () => {
    const { rows } = await db.query('select type, page from leadlight.events where tenant_id = $1 order by id', [
      tenantId,
    ])
    return rows.map((row) => `${row.type} ${row.page}`)
  }
  return eventually(ask, (types) => types.length >= count, 60_000)
}

t.test('the snippet that `tenant add` prints takes calls made before and after it came', async (t) => {
  const { tenant_id, snippet } = await addTenant()
  page = `<!doctype html><title>Acme</title>
    <script>(window.leadlight ??= []).push({ type: 'widget_opened', properties: { trigger: 'auto' } })</script>
    ${snippet}
    <button onclick="this.dispatchEvent(new CustomEvent('leadlight', { bubbles: true, composed: true, detail: { type: 'lead_captured', properties: { contact: 'phone' } } }))">Call me</button>`
  const visitor = await browser.newPage()
  const violations: string[] = []
  visitor.on('console', (message) => message.type() === 'error' && violations.push(message.text()))
  const script = visitor.waitForResponse(`${stack.publicUrl}/widget.js`)
  await visitor.goto(`${origin}/roofs?utm_source=google#top`)
  await script
  await visitor.waitForLoadState('load')
  await visitor.getByText('Call me').click()
  t.strictSame((await typesOf(tenant_id, 3)).sort(), [
    'lead_captured /roofs',
    'widget_loaded /roofs',
    'widget_opened /roofs',
  ])
  const { rows } = await db.query(
    'select source, lead_at is not null as lead from leadlight.sessions where tenant_id = $1',
    [tenant_id],
  )
  t.strictSame(rows, [{ source: 'google', lead: true }])
  // the core has no collector: the one line a browser prints by itself when the gateway says so
  t.strictSame(
    violations.filter((text) => !/503/.test(text)),
    [],
  )
  await visitor.close()
})

t.test(
  "the owner's own visits are not counted after ?leadlight=ignore, and again after ?leadlight=count",
  async (t) => {
    const { tenant_id, snippet } = await addTenant()
    page = `<!doctype html><title>Acme</title>${snippet}`
    const context = await browser.newContext()
    const owner = await context.newPage()
    const requests: string[] = []
    owner.on('request', (request) => request.method() === 'POST' && requests.push(request.url()))
    const visit = async (path: string) => {
      await owner.goto(origin + path)
      await owner.goto('about:blank')
    }
    await visit('/?leadlight=ignore')
    await visit('/again')
    t.strictSame(requests, [])
    await owner.goto(origin)
    t.strictSame(await owner.evaluate(() => ({ ...localStorage, ...sessionStorage })), {
      'leadlight:choice': '"ignore"',
    })
    await visit('/?leadlight=count')
    await visit('/counted')
    t.strictSame(await typesOf(tenant_id, 2), ['widget_loaded /', 'widget_loaded /counted'])
    await context.close()
  },
)

t.test('a page on an origin that is not registered is refused once and then silent', async (t) => {
  const { tenant_id, snippet } = await addTenant()
  page = `<!doctype html><title>Acme</title>${snippet}`
  const stranger = await browser.newPage()
  const answers: number[] = []
  stranger.on('response', (response) => response.request().method() === 'POST' && answers.push(response.status()))
  await stranger.goto(origin.replace('127.0.0.1', 'localhost'))
  await stranger.evaluate(() => {
    for (let i = 0; i < 3; i++) {
      document.dispatchEvent(
        new CustomEvent('leadlight', { detail: { type: 'lead_captured', properties: { contact: 'form' } } }),
      )
    }
  })
  await eventually(
    async () => answers,
    (seen) => seen.length > 0,
    60_000,
  )
  await stranger.goto('about:blank')
  t.strictSame([...new Set(answers)], [403])
  t.strictSame(await typesOf(tenant_id, 0), [])
  await stranger.close()
})
