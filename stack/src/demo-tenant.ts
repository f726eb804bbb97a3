// The contractor whose site the demo shows: made once through the operator's program, remembered in the data directory.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

export type DemoTenant = {
  tenant_id: string
  site_key: string
  read_token: string
  portal_url: string
  snippet: string
}

type Place = { dataDir: string; databaseUrl: string; publicUrl: string; demoPort: number }

/** The remembered tenant with this demo site among its origins, or a new one where the database knows none. */
export async function ensureDemoTenant(place: Place): Promise<DemoTenant> {
  const file = join(place.dataDir, 'demo-tenant.json')
  const origins = ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${place.demoPort}`)
  if (existsSync(file)) {
    const known = JSON.parse(await readFile(file, 'utf8')) as DemoTenant
    const add = origins.flatMap((origin) => ['--add-origin', origin])
    const { failed, stderr } = await leadlight(place, 'tenant', 'update', known.tenant_id, ...add)
    if (!failed) return { ...known, portal_url: `${place.publicUrl}/portal/#token=${known.read_token}` }
    if (!stderr.includes('no tenant')) throw new Error(`The demo contractor could not be updated: ${stderr}`)
  }
  const named = ['--name', 'Summit Roofing', '--time-zone', Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC']
  const added = await leadlight(place, 'tenant', 'add', ...named, ...origins.flatMap((origin) => ['--origin', origin]))
  if (added.failed) throw new Error(`The demo contractor could not be made: ${added.stderr}`)
  await writeFile(file, `${added.stdout}\n`, { mode: 0o600 })
  return JSON.parse(added.stdout) as DemoTenant
}

function leadlight({ databaseUrl, publicUrl }: Place, ...args: string[]) {
  const program = fileURLToPath(new URL('../../ingest-service/src/leadlight.ts', import.meta.url))
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl }
  return execa(process.execPath, [program, ...args, '--json'], { env, reject: false, timeout: 30_000 })
}
