// Builds the script tag, the library and their lazy part into dist/, with integrity and sizes in manifest.json.
import { createHash } from 'node:crypto'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build as bundle } from 'esbuild'
import manifest from './package.json' with { type: 'json' }

const here = fileURLToPath(new URL('.', import.meta.url))

export type Manifest = { version: string; files: Record<string, { integrity: string; bytes: number; gzip: number }> }

/** Builds into a directory that it empties first. */
export async function build(outdir: string = join(here, 'dist')): Promise<void> {
  await rm(outdir, { recursive: true, force: true })
  const common = {
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'browser',
    target: 'es2020',
    legalComments: 'none',
    absWorkingDir: here,
    outdir,
  } as const satisfies BuildOptions

  const lazy = await bundle({
    ...common,
    entryPoints: { 'widget-otel': 'src/otel.ts' },
    entryNames: '[name]-[hash]',
    format: 'esm',
    // a browser too old for it loses its spans, no event
    target: 'es2022',
    metafile: true,
  })
  const otelFile = basename(Object.keys(lazy.metafile.outputs).find((file) => file.endsWith('.js')) ?? '')

  const versioned = `widget-${manifest.version}`
  await bundle({
    ...common,
    entryPoints: { [versioned]: 'src/beacon.ts' },
    format: 'iife',
    define: { otelFile: JSON.stringify(otelFile) },
  })
  await copyFile(join(outdir, `${versioned}.js`), join(outdir, 'widget.js'))

  await bundle({
    ...common,
    entryPoints: { [versioned]: 'src/index.ts' },
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    plugins: [
      {
        name: 'the lazy part is built already',
        setup: ({ onResolve }) =>
          onResolve({ filter: /\/otel\.ts$/ }, () => ({ path: `./${otelFile}`, external: true })),
      },
    ],
  })

  const names = ['widget.js', `${versioned}.js`, `${versioned}.mjs`, otelFile]
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await describe(join(outdir, name))])),
  )
  await writeFile(join(outdir, 'manifest.json'), `${JSON.stringify({ version: manifest.version, files }, null, 2)}\n`)
}

async function describe(path: string): Promise<Manifest['files'][string]> {
  const content = await readFile(path)
  return {
    integrity: `sha384-${createHash('sha384').update(content).digest('base64')}`,
    bytes: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
  }
}
