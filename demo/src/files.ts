// The files of the demo's pages: assets as they are, scripts as `build.ts` bundled them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

const folder = join(import.meta.dirname, '..')

export const pagesFolder = join(folder, 'pages')

export type Bundles = {
  /** Where the bundles are; by default where `npm run build` puts them. */
  bundles?: string
}

/** Serves assets and bundles under `/assets/`. @throws when `entry` has not been built */
export async function serveFiles(app: FastifyInstance, entry: string, bundles = join(folder, 'dist')): Promise<void> {
  if (!existsSync(join(bundles, entry))) throw new Error(`${join(bundles, entry)} is missing. Run: npm run build`)
  await app.register(fastifyStatic, {
    root: [join(folder, 'assets'), bundles],
    prefix: '/assets/',
    cacheControl: false,
  })
}
