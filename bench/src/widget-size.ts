// What the widget weighs on the wire, beside libraries that pages carry for like purposes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildBundles } from 'stack/build'
import type { Bench } from './bench.ts'
import type { Figure } from './figure.ts'
import { buildPeer, peers } from './peers.ts'

/** Bytes in a KB of the budgets, as browsers' network panels count. */
const bytesPerKb = 1_000
const firstMostKb = 4
const allMostKb = 20.5

const dist = fileURLToPath(new URL('../../widget-otel/dist/', import.meta.url))

export const widgetSize: Bench = {
  about: 'what a page loads for the widget, beside its peers',
  async measure({ say }) {
    say('building the widget')
    await buildBundles()
    const manifest = JSON.parse(await readFile(join(dist, 'manifest.json'), 'utf8')) as { files: object }
    const lazy = Object.keys(manifest.files).find((name) => name.startsWith('widget-later-'))
    if (!lazy) throw new Error(`${dist}manifest.json names no lazy part`)
    const first = compress(await readFile(join(dist, 'widget.js')))
    const all = first + compress(await readFile(join(dist, lazy)))
    const own: Figure[] = [
      { what: 'widget: first load, gzip', value: first, unit: 'KB', budget: { most: firstMostKb } },
      { what: 'widget: in all, gzip', value: all, unit: 'KB', budget: { most: allMostKb } },
    ]
    const others: Figure[] = []
    for (const what of Object.keys(peers) as (keyof typeof peers)[]) {
      say(`building ${what}`)
      const value = compress(await buildPeer(what))
      others.push({
        what,
        value,
        unit: 'KB',
        beside: `${(value / first).toFixed(1)} times our first load, ${(value / all).toFixed(1)} times ours in all`,
      })
    }
    return [...own, ...others]
  },
}

const compress = (content: Uint8Array | string): number => gzipSync(content, { level: 9 }).length / bytesPerKb
