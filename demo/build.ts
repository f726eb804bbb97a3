// Bundles what the demo's pages run into dist/: the estimate widget with its telemetry, the what-if panel, the alert page.
import { join } from 'node:path'
import { build as bundle } from 'esbuild'

const folder = import.meta.dirname

export async function build(target = join(folder, 'dist')): Promise<void> {
  await bundle({
    entryPoints: ['estimate-widget', 'what-if', 'alerts-page'].map((name) => join(folder, `src/${name}.ts`)),
    outdir: target,
    bundle: true,
    // modules, so that OpenTelemetry stays a chunk of its own that is loaded when the page is idle
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    minify: true,
    target: 'es2022',
    logLevel: 'warning',
  })
}
