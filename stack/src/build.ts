// `npm run build`: every browser bundle.
import { pathToFileURL } from 'node:url'

const root = new URL('../..', import.meta.url)
const bundles = ['widget-otel', 'portal', 'demo']

export async function buildBundles(): Promise<void> {
  await Promise.all(
    bundles.map(async (workspace) => {
      const { build } = (await import(new URL(`${workspace}/build.ts`, root).href)) as { build: () => Promise<void> }
      await build()
    }),
  )
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const startedMs = performance.now()
  await buildBundles()
  console.log(
    `Built ${bundles.map((workspace) => `${workspace}/dist`).join(', ')} in ${Math.round(performance.now() - startedMs)} ms`,
  )
}
