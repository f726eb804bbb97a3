// A contractor with ninety days of visitors, the service as it runs in production, and a browser that opens the portal.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { addTenant } from 'ingest-service/cli/tenants'
import { commitRows } from 'ingest-service/commit'
import { openPool, type Role } from 'ingest-service/database'
import { ensurePartitions } from 'ingest-service/partitions'
import { rollUp } from 'ingest-service/rollup'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import { startChild } from 'stack/child'
import { freePort } from 'stack/ports'
import { cloneDatabase } from 'stack/test-database'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'
import { makeRows, seededDays, timeZone } from './visits.ts'

export const phone = { width: 390, height: 844 }
export const desktop = { width: 1280, height: 900 }
export const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  Object.entries({ phone, desktop }).map(([size, viewport]) => ({
    name: `${size}-${colorScheme}`,
    viewport,
    colorScheme,
  })),
)

type Tenant = Awaited<ReturnType<typeof addTenant>>
export type Contractor = {
  publicUrl: string
  databaseUrl: string
  /** Sees every row. */
  db: pg.Pool
  tenant: Tenant
  /** Has the same site and no visitors. */
  other: Tenant
  analytics: (path: string, token?: string) => Promise<any>
}

export const origin = 'https://www.summit.example'
const dayMs = 86_400_000
/** Days of partitions that one call makes. */
const partitionDays = 9

export async function startContractor(t: Test, { tracesUrl }: { tracesUrl?: string } = {}): Promise<Contractor> {
  const { url: databaseUrl, superuserUrl } = await cloneDatabase(t)
  const pool = (role?: Role): pg.Pool => {
    const opened = openPool(databaseUrl, { role, size: 2, statementMs: 60_000, onError: () => {} })
    t.teardown(() => opened.end())
    return opened
  }
  const db = new pg.Pool({ connectionString: superuserUrl, max: 2 })
  t.teardown(() => db.end())
  const owner = pool()
  const tenant = await addTenant(owner, { name: 'Summit Roofing & Sons <b>', timeZone, origins: [origin] })
  const other = await addTenant(owner, { name: 'Bolt Gutters', timeZone, origins: [origin] })
  await seed(owner, pool('leadlight_ingest'), pool('leadlight_rollup'), tenant.tenant_id)

  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}`
  const service = startChild({
    file: process.execPath,
    args: [fileURLToPath(import.meta.resolve('ingest-service/server'))],
    env: {
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: `${port}`,
      OPERATIONS_PORT: `${await freePort()}`,
      PUBLIC_URL: publicUrl,
      COLLECTOR_URL: 'http://127.0.0.1:9',
      TRACES_URL: tracesUrl,
      LOG_LEVEL: 'warn',
    },
  })
  t.teardown(() => service.stop(15_000))
  let said = ''
  for (const stream of [service.stdout, service.stderr]) {
    stream.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000)
    })
  }
  const analytics: Contractor['analytics'] = async (path, token = tenant.read_token) => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${publicUrl}/api/v1/analytics/${path}`, { headers })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  const isUp = () => analytics('summary').then(Boolean, () => false)
  if (!(await waitFor(isUp, { timeoutMs: 60_000 }))) throw new Error(`The service did not start: ${said}`)
  return { publicUrl, databaseUrl, db, tenant, other, analytics }
}

/** By the service's own writer and roll-up, which care for nothing but the rows. */
async function seed(owner: pg.Pool, writing: pg.Pool, counting: pg.Pool, tenantId: string): Promise<void> {
  const now = Date.now()
  const client = await owner.connect()
  for (let back = 0; back <= seededDays + 2 * partitionDays; back += partitionDays) {
    await ensurePartitions(client, new Date(now - back * dayMs))
  }
  client.release()
  const rows = makeRows(tenantId, now - 60_000)
  for (let first = 0; first < rows.length; first += 600) await commitRows(writing, rows.slice(first, first + 600))
  await rollUp(counting, new Date(0))
}

export type Look = Partial<(typeof looks)[number]> & { locale?: string }

/** A tab whose errors, policy violations among them, fail the test. */
export async function openTab(t: Test, look: Look = {}): Promise<Page> {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const { viewport = desktop, colorScheme = 'light', locale = 'en-US' } = look
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  const tab = await context.newPage()
  tab.setDefaultTimeout(60_000)
  tab.on('pageerror', (error) => t.fail(`the page threw ${error}`))
  tab.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) t.fail(message.text())
  })
  return tab
}

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))

/** Kept beside the tests for whoever wants to see what they saw; not part of the repository. */
export async function keepScreenshot(tab: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await tab.screenshot({ path: `${folder}${name}.png`, fullPage: true })
}
