// Bundles the portal into dist/: index.html, portal.js, portal.css, with relative addresses only.
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
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
}
