// Libraries that pages carry for like purposes, and how the benches build them.
import { fileURLToPath } from 'node:url'
import { bundle } from 'widget-otel/bundle'

/**
 * What a page would write to use each of them; whatever they can leave out, they may. Umami is not among them: its script
 * is in no package of its own.
 */
export const peers = {
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

/** One of them as a script, made small by what makes the widget's files small as well. */
export async function buildPeer(name: keyof typeof peers): Promise<string> {
  const { code } = await bundle({
    stdin: { contents: peers[name], resolveDir: here },
    format: 'iife',
    // Sentry's own switch for pages that count bytes
    define: { __SENTRY_DEBUG__: 'false' },
  })
  return code
}
