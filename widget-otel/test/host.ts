// A contractor's page that watches itself: OpenTelemetry registered for all, over zone.js where that is there, fetch and errors hooked.
import { trace } from '@opentelemetry/api'
import { ZoneContextManager } from '@opentelemetry/context-zone-peer-dep'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { SimpleSpanProcessor, StackContextManager, WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { captureException, init } from '@sentry/browser'

/** Where it sends its own spans and errors, and with what, in this order. */
const { receiver, tools = '' } = document.currentScript?.dataset ?? {}

let ids = 0
const nextId = (digits: number) => `a${(++ids).toString().padStart(digits - 1, '0')}`
const starts: Record<string, () => unknown> = {
  OpenTelemetry() {
    const provider = new WebTracerProvider({
      idGenerator: { generateTraceId: () => nextId(32), generateSpanId: () => nextId(16) },
      spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url: `${receiver}/spans` }))],
    })
    provider.register({ contextManager: 'Zone' in window ? new ZoneContextManager() : new StackContextManager() })
    const instrumentation = new FetchInstrumentation({
      enabled: false,
      ignoreUrls: [new RegExp(`^${receiver}`)],
    })
    instrumentation.setTracerProvider(provider)
    instrumentation.enable()
  },
  Sentry: () => init({ dsn: `${receiver?.replace('//', '//key@')}/1`, tunnel: `${receiver}/errors` }),
}
for (const tool of tools.split(' ')) starts[tool]?.()

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

/**
 * What happens on the page: work in a span, requests, a click, and three ways to fail.
 * @param tell lets a guest hear of it; resolves when the guest has sent so often
 */
async function live(tell: (type: string, sends: number) => unknown): Promise<string[]> {
  const seen: string[] = []
  const ask = async (url: string) => {
    const response = await fetch(url, { headers: { 'x-own': 'kept' } })
    const { traceparent, 'x-own': own } = await response.json()
    seen.push(`${response.status} ${traceparent} ${own}`)
  }
  await trace.getTracer('host').startActiveSpan('quote page', async (span) => {
    await ask('/api/200')
    await tell('widget_opened', 0)
    await tell('lead_captured', 1)
    trace.getTracer('host').startSpan('price list').end()
    document.querySelector('h1')?.addEventListener('click', () => trace.getActiveSpan()?.addEvent('click'))
    document.querySelector('h1')?.click()
    await tell('widget_error', 2)
    await ask('/api/503')
    span.end()
  })
  captureException(new TypeError('the host caught it'))
  setTimeout(() => {
    throw new RangeError('the host threw it')
  })
  await settled()
  Promise.reject(new Error('the host promised it'))
  await tell('quote_requested', 3)
  await settled()
  return seen
}

/** The last thing it tells: whatever came of what was before is told by then. */
async function end() {
  await fetch('/api/201')
  captureException(new Error('the host ends'))
}

declare global {
  var host: { live: typeof live; end: typeof end }
}
globalThis.host = { live, end }
