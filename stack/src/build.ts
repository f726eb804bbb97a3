// Every browser bundle: `npm run build`, and before a start or a test those whose sources have changed since.
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withLock } from './lock.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bundles = ['widget-otel', 'portal', 'demo']
// what may end up in any of them; none is so slow that it would pay to know better
const inputs = [...bundles, 'contract'].flatMap((workspace) => [`${workspace}/src/**/*.*`, `${workspace}/*.{ts,json}`])

/** Builds what is missing or older than its sources; one process at a time, so that none reads a half-written file. */
export async function buildBundles(): Promise<void> {
  await withLock(join(root, 'node_modules/.leadlight-bundles'), async () => {
    const hash = hashInputs()
    const stale = bundles.filter((workspace) => readStamp(workspace) !== hash)
    await Promise.all(stale.map((workspace) => build(workspace, hash)))
  })
}

const stamp = (workspace: string) => join(root, workspace, 'dist/.inputs')
const readStamp = (workspace: string) =>
  existsSync(stamp(workspace)) ? readFileSync(stamp(workspace), 'utf8') : undefined

async function build(workspace: string, hash: string) {
  const bundler = (await import(pathToFileURL(join(root, workspace, 'build.ts')).href)) as { build(): Promise<void> }
  await bundler.build()
  await writeFile(stamp(workspace), hash)
}

function hashInputs(): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  for (const file of globSync(inputs, { cwd: root }).sort()) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const startedMs = performance.now()
  const hash = hashInputs()
  await Promise.all(bundles.map((workspace) => build(workspace, hash)))
  const places = bundles.map((workspace) => `${workspace}/dist`).join(', ')
  console.log(`Built ${places} in ${Math.round(performance.now() - startedMs)} ms`)
}
