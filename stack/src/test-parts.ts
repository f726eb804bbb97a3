// What tests need that is not in the repository: which files need which part, and how to set it up.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unpackBrowser } from './browser.ts'
import { buildBundles } from './build.ts'
import { startTestServer } from './test-database.ts'
import { type ToolName, toolPath } from './tools.ts'

type Part = {
  title: string
  /** What stands in a test that needs it, or in a file that the test imports. */
  sign: RegExp
  setUp(): Promise<undefined | (() => Promise<void>)>
}

const servers: ToolName[] = ['prometheus', 'alertmanager', 'collector', 'jaeger']

export const parts: Part[] = [
  {
    title: 'test database',
    sign: /\bcloneDatabase\b/,
    setUp: async () => (await startTestServer()).close,
  },
  {
    title: 'bundles',
    // the service reads the manifest of the widget when it starts
    sign: /\blaunchBrowser\b|\bstartStack\b|\bdist\b|\bserver\.ts\b/,
    setUp: async () => void (await buildBundles()),
  },
  {
    title: 'browser',
    sign: /\blaunchBrowser\b/,
    setUp: async () => void (await unpackBrowser()),
  },
  {
    title: 'Go tools',
    sign: /\btoolPath\b|\bstartStack\b/,
    setUp: async () => {
      for (const name of servers) await toolPath(name)
    },
  },
  {
    title: 'Docker Compose',
    sign: /\btoolPath\('compose'\)/,
    setUp: async () => void (await toolPath('compose')),
  },
]

/** Whether the file, or one that it imports from its own folder, shows the part's sign. */
export function needs(file: string, { sign }: Part, seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  if (sign.test(source)) return true
  const neighbours = [...source.matchAll(/from '(\.\/[^']+\.ts)'/g)].map(([, path]) => join(dirname(file), path ?? ''))
  return neighbours.some((neighbour) => needs(neighbour, { sign } as Part, seen))
}
