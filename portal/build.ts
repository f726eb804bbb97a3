// Bundles the portal into dist/: index.html, portal.js, portal.css, with relative addresses only, each compressed beside it.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build as bundle } from 'esbuild'

const folder = import.meta.dirname

export async function build(target = join(folder, 'dist')): Promise<void> {
  await mkdir(target, { recursive: true })
  await bundle({
    entryPoints: { portal: join(folder, 'src/main.ts'), style: join(folder, 'src/portal.css') },
    entryNames: 'portal',
    outdir: target,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    logLevel: 'warning',
  })
  await copyFile(join(folder, 'src/index.html'), join(target, 'index.html'))
  await Promise.all(['index.html', 'portal.js', 'portal.css'].map((name) => compress(join(target, name))))
}

async function compress(path: string): Promise<void> {
  await writeFile(`${path}.gz`, await promisify(gzip)(await readFile(path), { level: 9 }))
}
