// Which workspace may import which: one way, from the contract outwards. Relative imports stay in their workspace.
import { globSync, readFileSync } from 'node:fs'
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

const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g

/** One line for each import that goes the wrong way. */
export async function wrongImports(root: string): Promise<string[]> {
  const files = globSync('*/**/*.{ts,js,mjs}', {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|\..*)$/.test(path),
  })
  return files.flatMap((file) => {
    const workspace = file.split('/')[0] ?? ''
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    return lines.flatMap((line, index) =>
      [...line.matchAll(specifiers)]
        .map(([, , specifier]) => refuse(workspace, file, specifier ?? ''))
        .filter((reason) => reason !== undefined)
        .map((reason) => `${file}:${index + 1} ${reason}`),
    )
  })
}

function refuse(workspace: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = join(dirname(file), specifier).split('/')[0]
    return target === workspace
      ? undefined
      : `reaches out of ${workspace} with ${specifier}: import the workspace by its name`
  }
  const target = specifier.split('/')[0] ?? ''
  if (!(target in allowed) || target === workspace || allowed[workspace]?.includes(target)) return undefined
  if (target === testsToo && file.includes('/test/')) return undefined
  return `imports ${target}, which ${workspace} may not know`
}
