// Spans as a hostile browser sends them: everything that the gateway's contract allows on the wire, and nothing that is true.
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { attributes, siteKeyHeader, tenantHeader } from 'contract/spans'

type Attribute = { key: string; value: Record<string, unknown> }
export type Span = { traceId: string; spanId: string; name: string } & Record<string, unknown>
type Wrap = { resource?: Attribute[]; scope?: Attribute[] }

const nanoseconds = (ms: number) => `${Math.floor(ms)}000000`
const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')
export const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } })

let counter = 0

/** A span of now with ids of its own; a trace holds 50. */
export function makeSpan(name: string, fields: Record<string, unknown> = {}): Span {
  const number = ++counter
  const startMs = Date.now() - 1_000
  return {
    traceId: `${hex(process.pid, 16)}${hex(Math.ceil(number / 50), 16)}`,
    spanId: `${hex(process.pid, 8)}${hex(number, 8)}`,
    name,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(startMs + 100),
    ...fields,
  }
}

export const call = (failed: boolean, operation = 'send_message', fields: Record<string, unknown> = {}): Span =>
  makeSpan('api_call', {
    status: { code: failed ? 2 : 0 },
    attributes: [text(attributes.operation, operation)],
    ...fields,
  })

/** Each is counted as one span of its sender, whatever it claims. */
export function countable(forgedTenant: string): Span[] {
  const forged = text(attributes.tenantId, forgedTenant)
  const twice = ['send_message', 'create_estimate'].map((operation) => text(attributes.operation, operation))
  const nested = (value: unknown) => ({ key: attributes.operation, value: { kvlistValue: { values: [value] } } })
  return [
    makeSpan('api_call', { attributes: Array.from({ length: 10_000 }, (_, n) => text(`key.${n}`, `${n}`)) }),
    makeSpan('widget_error', { attributes: [text(attributes.errorType, 'v'.repeat(200_000))] }),
    makeSpan('n'.repeat(200_000)),
    makeSpan('widget_opened', { attributes: [text('k'.repeat(200_000), 'v')] }),
    makeSpan('api_call', { attributes: twice }),
    makeSpan('api_call', { attributes: [forged, ...twice, forged] }),
    makeSpan('api_call', { attributes: [nested(nested(forged)), nested(text('deep', 'x'.repeat(3_000)))] }),
    makeSpan('api_call', {
      attributes: [{ key: attributes.tenantId, value: { arrayValue: { values: [forged.value] } } }],
    }),
    ...['ot=th:ffffffffffffff', 'ot=p:62', 'ot=th:fffffffffffffe;rv:00000000000001'].map((traceState) =>
      makeSpan('quote_requested', { traceState, flags: 257 }),
    ),
    makeSpan('lead_captured', { status: { code: 99, message: forgedTenant } }),
    makeSpan('lead_captured', { kind: 99, attributes: [forged] }),
    makeSpan('widget_loaded', { events: [{ name: 'e', timeUnixNano: nanoseconds(Date.now()), attributes: [forged] }] }),
    makeSpan('widget_loaded', { attributes: [text('otel.metric.overflow', 'true'), text('service.name', 'other')] }),
  ]
}

/** None of these may be counted, stored, or cost what is sent with them. */
export function impossible(forgedTenant: string): Span[] {
  const dayMs = 86_400_000
  const times = (startMs: number, endMs: number) => ({
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
  })
  const now = Date.now()
  const largest = `${2n ** 64n - 1n}`
  return [
    { traceId: '' },
    { spanId: '' },
    { traceId: '0'.repeat(32) },
    { spanId: '0'.repeat(16) },
    {
      links: [
        { traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: [text(attributes.tenantId, forgedTenant)] },
      ],
    },
    times(now, now - 1),
    times(now - 11 * 60_000, now),
    times(now - 2 * dayMs, now - 2 * dayMs),
    times(now + dayMs, now + dayMs),
    times(0, 0),
    { startTimeUnixNano: largest, endTimeUnixNano: largest },
    { endTimeUnixNano: largest },
  ].map((fields) => makeSpan('lead_captured', fields))
}

/** Names nobody has sent before. */
export const distinctNames = (count: number): Span[] => Array.from({ length: count }, () => makeSpan(`name ${counter}`))

const maxBytes = 900_000

/** Sends as the browser with this site key would, with all a browser may claim about its tenant, in requests that are not too large. */
export function openForger(url: string, siteKey: string, forgedTenant = siteKey) {
  const forged = text(attributes.tenantId, forgedTenant)
  let sent = 0

  async function post(
    spans: Span[],
    { resource = [forged, text(tenantHeader, forgedTenant)], scope = [forged] }: Wrap,
  ) {
    const scopeSpans = [
      { scope: { name: forgedTenant, attributes: scope }, schemaUrl: `https://${forgedTenant}`, spans },
    ]
    const body = gzipSync(JSON.stringify({ resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] }))
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      [siteKeyHeader]: siteKey,
      [tenantHeader]: forgedTenant,
      'x-scope-orgid': forgedTenant,
      baggage: `${attributes.tenantId}=${forgedTenant},${tenantHeader}=${forgedTenant}`,
      tracestate: 'ot=th:ffffffffffffff',
    }
    for (;;) {
      const response = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body })
      const answer = await response.text()
      if (response.status === 429) await pause(1_000 * Number(response.headers.get('retry-after')))
      else return { status: response.status, answer }
    }
  }

  return {
    /** Spans that have been taken. */
    get sent() {
      return sent
    },
    /** Resolves to the statuses of the answers. */
    async send(spans: Span[], wrap: Wrap = {}): Promise<number[]> {
      const statuses: number[] = []
      for (let rest = spans; rest.length > 0; ) {
        let [bytes, count] = [0, 0]
        while (count < rest.length && bytes + JSON.stringify(rest[count]).length < maxBytes)
          bytes += JSON.stringify(rest[count++]).length
        const { status, answer } = await post(rest.slice(0, count), wrap)
        if (status === 200 && answer === '{}') sent += count
        statuses.push(status)
        rest = rest.slice(count)
      }
      return statuses
    },
  }
}
