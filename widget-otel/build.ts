// Builds the script tag, the library and their lazy part into dist/, each compressed beside it, with integrity and sizes in manifest.json.
import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { BuildOptions } from 'esbuild'
import { type Bundle, bundle } from './bundle.ts'
import manifest from './package.json' with { type: 'json' }

const here = fileURLToPath(new URL('.', import.meta.url))

export type Manifest = { version: string; files: Record<string, { integrity: string; bytes: number; gzip: number }> }

/**
 * Properties of objects that stay inside: neither stored, nor sent (by OpenTelemetry either), nor part of the library's interface, nor known to any
 * browser (a test asks one). The build gives them short names, the same in all files.
 */
export const insideNames = [
  'clock',
  'core',
  'correctionMs',
  'delivery',
  'failures',
  'flying',
  'guarded',
  'heldSpans',
  'isOff',
  'keep',
  'later',
  'leave',
  'maxEvents',
  'maySend',
  'onHold',
  'queue',
  'queued',
  'record',
  'report',
  'rootSpan',
  'requests',
  'schedule',
  'session',
  'setConsent',
  'settle',
  'silenced',
  'taken',
  'takenBefore',
  'touch',
  'verdict',
  'wakeIn',
]
const inside = insideNames.join('|')

/**
 * Browsers of Chromium's kind then compile all functions on the thread that receives the script, not each on the main
 * thread when it is first called. https://github.com/WICG/explicit-javascript-compile-hints-file-based
 */
const compileHint = '//# allFunctionsCalledOnLoad'

/** Builds into a directory that it empties first. */
export async function build(outdir: string = join(here, 'dist')): Promise<void> {
  await rm(outdir, { recursive: true, force: true })
  await mkdir(outdir, { recursive: true })
  const common: BuildOptions = { absWorkingDir: here, mangleProps: new RegExp(`^(${inside})$`) }
  const tag: BuildOptions = { ...common, entryPoints: ['src/beacon.ts'], format: 'iife' }

  // once only for the names: the part that every page loads gets the shortest ones
  const { mangleCache } = await bundle({ ...tag, mangleCache: {} })
  const later = await bundle({
    ...common,
    entryPoints: ['src/later.ts'],
    inject: ['src/exporter-fetch.ts'],
    format: 'esm',
    // OpenTelemetry marks its private properties so
    mangleProps: new RegExp(`^(${inside}|_[a-z].*)$`),
    mangleCache: { ...mangleCache },
  })
  const laterFile = `widget-later-${createHash('sha256').update(later.code).digest('hex').slice(0, 8)}.js`
  const versioned = `widget-${manifest.version}`
  const script = await bundle({ ...tag, mangleCache, define: { laterFile: JSON.stringify(laterFile) } }, compileHint)
  const library = await bundle({
    ...common,
    entryPoints: ['src/index.ts'],
    format: 'esm',
    mangleCache,
    plugins: [
      {
        name: 'the lazy part is built already',
        setup: ({ onResolve }) =>
          onResolve({ filter: /\/later\.ts$/ }, () => ({ path: `./${laterFile}`, external: true })),
      },
    ],
  })

  const bundles: Record<string, Bundle> = {
    'widget.js': script,
    [`${versioned}.js`]: script,
    [`${versioned}.mjs`]: library,
    [laterFile]: later,
  }
  const files: Manifest['files'] = {}
  for (const [name, { code, map }] of Object.entries(bundles)) {
    const compressed = gzipSync(code, { level: 9 })
    files[name] = describe(code, compressed)
    await writeFile(join(outdir, name), code)
    await writeFile(join(outdir, `${name}.gz`), compressed)
    await writeFile(join(outdir, `${name}.map`), map)
  }
  await writeFile(join(outdir, 'manifest.json'), `${JSON.stringify({ version: manifest.version, files }, null, 2)}\n`)
}

function describe(code: string, compressed: Buffer): Manifest['files'][string] {
  return {
    integrity: `sha384-${createHash('sha384').update(code).digest('base64')}`,
    bytes: Buffer.byteLength(code),
    gzip: compressed.length,
  }
}
