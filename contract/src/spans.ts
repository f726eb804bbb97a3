// Names of spans and attributes, and the closed lists behind them. Imports nothing.

/** What the widget asks of its own API: the value of `estimate_widget.operation`. */
export const operations = [
  'load_config',
  'send_message',
  'create_estimate',
  'submit_lead',
  'request_quote',
  'other',
] as const
export type Operation = (typeof operations)[number]

/** The span of one call to the widget's own API; every other span is named after its event type. */
export const apiCallSpan = 'api_call'
/** What the collector calls a span whose name it does not know. */
export const otherSpan = 'other'

export const serviceName = 'estimate-widget'
/** Instrumentation scope of the browser's spans. */
export const scopeName = 'widget-otel'

export const attributes = {
  operation: 'estimate_widget.operation',
  sessionId: 'session.id',
  statusCode: 'http.response.status_code',
  errorType: 'error.type',
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  /** Stamped by the service; whatever a browser sends under this name is discarded. */
  tenantId: 'tenant.id',
} as const

/** Header by which the service names the tenant to the collector. */
export const tenantHeader = 'x-tenant-id'
/** Header by which the browser names its site to the gateway. */
export const siteKeyHeader = 'x-site-key'
