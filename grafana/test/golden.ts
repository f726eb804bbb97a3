// What every panel must say, counted by hand from visits.ts and traffic.ts.
import { bolt } from './traffic.ts'
import { traces } from './visits.ts'

/** Rows by dashboard and panel. */
export const sqlGolden: Record<string, Record<string, unknown[][]>> = {
  'widget-health': {
    'By device': [
      ['phone', 3, 0, 1, 2, 2],
      ['desktop', 2, 1, 3, 5, 5],
      ['tablet', 1, 0, 0.5, 0.5, 0.5],
    ],
    'By version': [
      ['1.0.0', 3, 0, 0, 1, 2, 2],
      ['1.1.0', 3, 3, 1, 3, 5, 5],
    ],
    'Errors reported': [
      ['RangeError', 'render', null, 2, 1, 1, '4.12 min', null],
      ['TypeError', 'api', 'create_estimate', 1, 1, 1, '3.12 min', traces.failing],
    ],
  },
  funnel: {
    Funnel: [
      ['Loaded', 6],
      ['Opened', 4],
      ['Message', 3],
      ['Estimate', 2],
      ['Lead', 2],
      ['Quote', 1],
    ],
    Rates: [[4 / 6, 2 / 4, 2 / 4, 1 / 4]],
    Numbers: [[6, 4, 2, 2, 1, 3]],
    'Visits, opened, leads': [['0.00 min', 6, 4, 2]],
    'Lead capture by day, and as usual': [['today', 2 / 4, (3 + 5) / 20]],
    'By tenant': [
      ['Acme', 4, 2, 1, 3 / 4, 2 / 3, 2 / 3, 1 / 3, 'id of Acme'],
      ['Bolt', 2, 0, 0, 1 / 2, 0, 0, 0, 'id of Bolt'],
    ],
    'By device': [
      ['phone', 3, 2 / 3, 1, 1 / 2],
      ['desktop', 2, 1 / 2, 0, 0],
      ['tablet', 1, 1, 0, 0],
    ],
    'By source': [
      ['www.google.example', 3, 2 / 3, 1, 1 / 2],
      ['unknown', 2, 1 / 2, 0, 0],
      ['newsletter', 1, 1, 0, 0],
    ],
    'By page': [
      ['/', 3, 1 / 3, 0, 0],
      ['/roofing', 2, 1, 1, 1 / 2],
      ['/contact', 1, 1, 0, 0],
    ],
    'Leads and quotes': [
      ['2.08 min', 'Acme', 'lead_captured', '/roofing', traces.second],
      ['1.10 min', 'Acme', 'quote_requested', '/roofing', traces.first],
      ['1.07 min', 'Acme', 'lead_captured', '/roofing', traces.first],
    ],
  },
  tenant: {
    Funnel: [
      ['Loaded', 4],
      ['Opened', 3],
      ['Message', 2],
      ['Estimate', 2],
      ['Lead', 2],
      ['Quote', 1],
    ],
    Rates: [[3 / 4, 2 / 3, 2 / 3, 1 / 3]],
    Numbers: [[4, 3, 2, 2, 1, 3]],
    'Visits, opened, leads': [['0.00 min', 4, 3, 2]],
    'By device': [
      ['desktop', 2, 1 / 2, 0, 0],
      ['phone', 2, 1, 1, 1 / 2],
    ],
    'By source': [
      ['unknown', 2, 1 / 2, 0, 0],
      ['www.google.example', 2, 1, 1, 1 / 2],
    ],
    'By page': [
      ['/', 2, 1 / 2, 0, 0],
      ['/roofing', 2, 1, 1, 1 / 2],
    ],
    'Leads and quotes': [
      ['2.08 min', 'Acme', 'lead_captured', '/roofing', traces.second],
      ['1.10 min', 'Acme', 'quote_requested', '/roofing', traces.first],
      ['1.07 min', 'Acme', 'lead_captured', '/roofing', traces.first],
    ],
    'Errors reported': [
      ['4.12 min', 'RangeError', 'render', null, '/', '1.1.0', null],
      ['4.12 min', 'RangeError', 'render', null, '/', '1.1.0', null],
      ['3.12 min', 'TypeError', 'api', 'create_estimate', '/', '1.1.0', traces.failing],
    ],
  },
}

/** What each panel says last, by its legend; with `atLeast` there may be more. */
export const promqlGolden: Record<
  string,
  Record<string, Record<string, number> | ({ atLeast: true } & Record<string, any>)>
> = {
  'widget-health': {
    // half of the loads within 1 s, 80 % within 2.5 s, 90 % within 4 s, all within 6 s
    'Load time': { p50: 1, p75: 1.5 + (3.75 - 2.5) / (4 - 2.5), p95: 4 + 2 * 0.5 },
    'Loads by speed': { good: 4, fair: 0.5, poor: 0.5 },
    'API error ratio by operation': { send_message: 0.3, create_estimate: 0 },
    'API latency by operation': { send_message: 0.625, create_estimate: 2 },
    'API calls by operation': { send_message: 10, create_estimate: 4 },
  },
  funnel: {
    'Silent tenants': { [bolt]: 1 },
    'Tenants expected and silent': { expected: 2, silent: 1 },
  },
  tenant: {
    'API error ratio': { failed: 1 / 9 },
    Silent: { silent: 0 },
  },
  ingest: {
    'Event requests by outcome': { ok: 23, refused: 0.988, error: 0.012 },
    'Share of requests that failed, by route': {
      events: 0.0005,
      traces: 0.005,
      widget: 0,
      portal: 0,
      analytics: 0,
      other: 0,
    },
    'Answer time of the events API': {
      p50: 0.01,
      p95: 0.025 + (0.025 * (22.8 - 21.6)) / (23.88 - 21.6),
      p99: 0.025 + (0.025 * (23.76 - 21.6)) / (23.88 - 21.6),
    },
    'Requests by route': { events: 24, traces: 6, widget: 2, portal: 1, analytics: 1, openapi: 0, other: 0.5 },
    'Events that wait for a commit': { instance: 17 },
    'Size of the events that wait': { instance: 4_096 },
    'Events in one commit': { p50: 10, p95: 100 + 500 * 0.5, p99: 100 + 500 * 0.9 },
    'Commit time': { p50: 0.005, p95: 0.0175, p99: 0.0235 },
    'Events by what became of them': { accepted: 60, duplicate: 3, ignored: 5, rejected: 2 },
    'Events rejected and ignored, by reason': {
      'rejected: too_large': 0,
      'rejected: unstorable_text': 0,
      'rejected: invalid_event': 0,
      'rejected: unknown_type': 0.5,
      'rejected: invalid_id': 0,
      'rejected: id_time_out_of_range': 0,
      'rejected: invalid_session': 0,
      'rejected: invalid_properties': 1.5,
      'ignored: do_not_track': 4,
      'ignored: bot': 1,
      'ignored: erased': 0,
    },
    'Events that browsers gave up, by reason': {
      queue_overflow: 0.4,
      storage_failed: 0,
      expired: 0.2,
      rejected: 0,
      too_many_retries: 0,
      rate_limited: 0,
    },
    'Share of events lost': { lost: 0.6 / 60.6 },
    'Span requests by the collector’s answer': { ok: 6, refused: 0.3, error: 0.1 },
    'Database, as each process sees it': { instance: 1 },
    'Days ahead': { days: 7 },
    'Oldest day held': { age: 91 },
    'Since old days were last dropped': { age: 1_205 },
    'How far the counting is behind': { behind: 1.5 },
    'Database connections by state': { active: 3, idle: 8, idle_in_transaction: 1, other: 0, 'at most': 100 },
    'Longest transaction': { age: 2.5 },
    'Size of the database': { database: 5e9 },
    'Free space by volume': { postgres: 0.75 },
  },
  pipeline: {
    'What answers its scrape': {
      'ingest-service instance': 1,
      'canary instance': 1,
      'collector instance': 1,
      'widget-spans instance': 1,
      'prometheus instance': 1,
      'alertmanager instance': 1,
    },
    'Collector’s queue': { 'otlp_http/browser': 0.25, 'otlp_http/internal': 0.05 },
    'Spans to the trace store': { taken: 9, 'given up': 0.5, 'not queued': 0.25 },
    'Series made of spans': { calls: 5 },
    'Rules that could not be evaluated': { all: 0.02 },
    'Configuration in use': { Prometheus: 1, Alertmanager: 1 },
    'Spans dropped by the collector’s checks': { 'filter/impossible': 0.2, 'filter/tenant': 0.1 },
    'Since the canary last got through': { event: 1_000, row: 2_000, metric: 3_000, trace: 4_000 },
    'How long the canary’s visit takes': { event: 1, row: 2, metric: 3, trace: 4 },
    'Canary’s checks that failed': { event: 0.1, row: 0.1, metric: 0.1, trace: 0.1 },
    'Clock of the service': { ahead: 0.25 },
    'Certificate ends in': { left: 864_000 },
    'Alertmanagers known': { known: 1 },
    'Alerts not taken by Alertmanager': { 'http://alertmanager': 0.05 },
    'Notifications that failed': { webhook: 0.02 },
  },
  alerts: {
    Firing: { atLeast: true, 'WidgetApiErrorRateHigh warning': 2 },
    Fired: { atLeast: true, WidgetApiErrorRateHigh: 1 },
    // of every objective half of what may be bad is
    'Error budget left': { EventsAvailability: 0.5, EventsLatency: 0.5, SpansAvailability: 0.5, SpansLatency: 0.5 },
    'EventsAvailability: how fast the budget burns': { '5m': 0.5, '30m': 0.5, '1h': 0.5, '6h': 0.5, '3d': 0.5 },
    'EventsLatency: how fast the budget burns': { '5m': 0.5, '30m': 0.5, '1h': 0.5, '6h': 0.5 },
    'SpansAvailability: how fast the budget burns': { '5m': 0.5, '30m': 0.5, '1h': 0.5, '6h': 0.5 },
    'SpansLatency: how fast the budget burns': { '30m': 0.5, '6h': 0.5 },
  },
}
