// Tenants that the stack itself needs: each made once through the operator's program, remembered in the data directory.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

export type StackTenant = {
  tenant_id: string
  site_key: string
  read_token: string
  portal_url: string
  snippet: string
}

export type Place = { dataDir: string; databaseUrl: string; publicUrl: string }

type Wanted = {
  /** Of the file it is remembered in, without its ending. */
  file: string
  /** What the operator would call it in a sentence. */
  title: string
  name: string
  timeZone: string
  origins: string[]
  isCanary?: boolean
}

/** The remembered tenant with these origins, or a new one where the database knows none. */
export async function ensureTenant(place: Place, wanted: Wanted): Promise<StackTenant> {
  const { title, name, timeZone, origins, isCanary } = wanted
  const file = tenantFile(place.dataDir, wanted.file)
  if (existsSync(file)) {
    const known = JSON.parse(await readFile(file, 'utf8')) as StackTenant
    const add = origins.flatMap((origin) => ['--add-origin', origin])
    const { failed, stderr } = await leadlight(place, 'tenant', 'update', known.tenant_id, ...add)
    if (!failed) return { ...known, portal_url: `${place.publicUrl}/portal/#token=${known.read_token}` }
    if (!stderr.includes('no tenant')) throw new Error(`${title} could not be updated: ${stderr}`)
  }
  const described = ['--name', name, '--time-zone', timeZone, ...origins.flatMap((origin) => ['--origin', origin])]
  const added = await leadlight(place, 'tenant', 'add', ...described, ...(isCanary ? ['--canary'] : []))
  if (added.failed) throw new Error(`${title} could not be made: ${added.stderr}`)
  await writeFile(file, `${added.stdout}\n`, { mode: 0o600 })
  return JSON.parse(added.stdout) as StackTenant
}

export const tenantFile = (dataDir: string, name: string): string => join(dataDir, `${name}.json`)

function leadlight({ databaseUrl, publicUrl }: Place, ...args: string[]) {
  const program = fileURLToPath(new URL('../../ingest-service/src/leadlight.ts', import.meta.url))
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl }
  return execa(process.execPath, [program, ...args, '--json'], { env, reject: false, timeout: 30_000 })
}
