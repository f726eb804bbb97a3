// What the widget weighs on the wire, beside libraries that pages carry for like purposes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildBundles } from 'stack/build'
import { bundle } from 'widget-otel/bundle'
import type { Bench } from './bench.ts'
import type { Figure } from './figure.ts'

/** Bytes in a KB of the budgets, as browsers' network panels count. */
const bytesPerKb = 1_000
const firstMostKb = 4
const allMostKb = 20.5

/**
 * What a page would write to use each of them; whatever they can leave out, they may. Umami is not among them: its script
 * is in no package of its own.
 */
const peers = {
  '@plausible-analytics/tracker: page views': `import { init } from '@plausible-analytics/tracker'
    init({ domain: 'www.acme.example' })`,
  '@sentry/browser: errors': `import { init } from '@sentry/browser'
    init({ dsn: 'https://key@errors.example/1' })`,
  '@sentry/browser: errors and traces': `import { browserTracingIntegration, init } from '@sentry/browser'
    init({ dsn: 'https://key@errors.example/1', integrations: [browserTracingIntegration()] })`,
  '@grafana/faro-web-sdk: errors and vitals': `import { initializeFaro } from '@grafana/faro-web-sdk'
    initializeFaro({ url: 'https://faro.example/collect', app: { name: 'estimate-widget' } })`,
  'posthog-js: product analytics': `import posthog from 'posthog-js'
    posthog.init('phc_key', { api_host: 'https://analytics.example' })`,
  '@honeycombio/opentelemetry-web: traces': `import { HoneycombWebSDK } from '@honeycombio/opentelemetry-web'
    new HoneycombWebSDK({ endpoint: 'https://traces.example', serviceName: 'estimate-widget' }).start()`,
}

const here = fileURLToPath(new URL('.', import.meta.url))
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
    for (const [what, contents] of Object.entries(peers)) {
      say(`building ${what}`)
      // by what makes the widget's files small as well
      const { code } = await bundle({
        stdin: { contents, resolveDir: here },
        format: 'iife',
        // Sentry's own switch for pages that count bytes
        define: { __SENTRY_DEBUG__: 'false' },
      })
      const value = compress(code)
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
