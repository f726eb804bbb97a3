// Which workspace may import which: one way, from the contract outwards. Relative imports stay in their workspace; packages
// are those that its manifest declares, or the root's, which has the tools of all; tests run with the whole house installed and
// may use the stack's as well, which no image should have to carry.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'

const sources = ['widget-otel', 'ingest-service', 'portal', 'canary', 'grafana', 'demo', 'stack']

/** What each workspace's sources may import of ours. */
const allowed: Record<string, string[]> = {
  contract: [],
  'widget-otel': ['contract'],
  'ingest-service': ['contract'],
  portal: ['contract'],
  canary: ['contract'],
  grafana: ['contract', 'prometheus'],
  demo: ['contract', 'widget-otel'],
  stack: ['contract'],
  collector: ['contract'],
  prometheus: ['contract'],
  alertmanager: ['contract', 'prometheus'],
  e2e: ['contract', ...sources],
  bench: ['contract', ...sources],
}
const testsToo = 'stack'
const isTest = (file: string): boolean => file.includes('/test/')

const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g

/** Scope and all. */
const packageName = /^(?:@[\w.-]+\/)?\w[\w.-]*(?=\/|$)/

/** One line for each import that goes the wrong way, or is not declared. */
export async function wrongImports(root: string): Promise<string[]> {
  const files = globSync('*/**/*.{ts,js,mjs}', {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|\..*)$/.test(path),
  })
  const declared = new Map(['', ...Object.keys(allowed)].map((folder) => [folder, declaredIn(join(root, folder))]))
  return files.flatMap((file) => {
    const workspace = file.split('/')[0] ?? ''
    const manifests = [workspace, '', ...(isTest(file) ? [testsToo] : [])]
    const packages = manifests.flatMap((folder) => declared.get(folder) ?? [])
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    return lines.flatMap((line, index) =>
      [...line.matchAll(specifiers)]
        .map(([, , specifier]) => refuse(workspace, file, specifier ?? '', packages))
        .filter((reason) => reason !== undefined)
        .map((reason) => `${file}:${index + 1} ${reason}`),
    )
  })
}

function declaredIn(folder: string): string[] {
  const manifest = join(folder, 'package.json')
  if (!existsSync(manifest)) return []
  const { dependencies, devDependencies } = JSON.parse(readFileSync(manifest, 'utf8'))
  return Object.keys({ ...dependencies, ...devDependencies })
}

function refuse(workspace: string, file: string, specifier: string, packages: string[]): string | undefined {
  if (specifier.startsWith('.')) {
    const target = join(dirname(file), specifier).split('/')[0]
    return target === workspace
      ? undefined
      : `reaches out of ${workspace} with ${specifier}: import the workspace by its name`
  }
  const [target] = packageName.exec(specifier) ?? []
  if (!target || target === workspace || isBuiltin(target)) return undefined
  if (target === testsToo && isTest(file)) return undefined
  if (target in allowed && !allowed[workspace]?.includes(target))
    return `imports ${target}, which ${workspace} may not know`
  return packages.includes(target) ? undefined : `imports ${target}, which ${workspace}/package.json does not name`
}
