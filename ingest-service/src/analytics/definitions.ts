// What each number means, in one sentence; served with the numbers and written nowhere else.
import { german } from './definitions-de.ts'
import { histogramError } from './histogram.ts'

const untracked = 'Visitors who asked not to be tracked are in no number.'

const estimated = `Read from counts in fixed steps, so each is within ${(histogramError * 100).toFixed(1)} % of what was measured.`

const numbers = {
  widget_views: `How often the widget was loaded, counted on the day it happened. ${untracked}`,
  sessions:
    'Visits in which the widget was loaded, counted on the day the visit began. A visit ends after 30 minutes without activity.',
  engagement_rate: 'Of the visits that loaded the widget, the share that opened it.',
  estimate_conversion_rate: 'Of the visits that opened the widget, the share that got an estimate.',
  lead_capture_rate: 'Of the visits that opened the widget, the share that left their contact.',
  quote_request_rate: 'Of the visits that opened the widget, the share that asked for a quote.',
  average_conversation_length: 'Messages a visitor sent, on average over the visits with at least one message.',
}

const english = {
  summary: {
    ...numbers,
    previous: 'The same numbers for as many days just before; absent where those are not held any more.',
  },
  funnel: {
    steps: `Visits that reached each step and all steps before it, in any order, counted on the day the visit began. ${untracked}`,
    of_first: 'Share of the visits that loaded the widget.',
    of_previous: 'Share of the visits that reached the step before.',
  },
  series: {
    points: `How often each thing happened, counted when it happened; intervals without any are 0. ${untracked}`,
  },
  performance: {
    load_ms: `Milliseconds until the widget was ready: half of the loads were faster than p50, 95 of 100 faster than p95. ${estimated}`,
    response_ms: `Milliseconds until the widget answered a message, or showed an estimate. ${estimated}`,
    error_rate: 'Of all visits, the share in which something in the widget failed.',
    errors: 'What failed, most frequent first.',
  },
  breakdown: {
    ...numbers,
    value: 'Device, source (campaign, else the site the visitor came from) or page of the first load of the visit.',
  },
  leads: {
    leads: `Contacts left and quotes asked for, newest first. ${untracked}`,
    with_errors: 'Leads from visits in which something in the widget failed.',
  },
  journey: {
    events: 'What happened in this visit, in order.',
    spans: 'What browser and servers measured in this visit.',
    traces: 'Whether those measurements are still held; they are kept for days, the events for months.',
  },
  install: {
    origins: 'Addresses where the widget may run, and when the last event came from each.',
    refused: 'Addresses from which events came with your key in the last 7 days without being on your list.',
  },
}

export type Definitions = typeof english

/** In the first language of `Accept-Language` that there is; English otherwise. */
export function definitionsIn(acceptLanguage: string | undefined): { language: string; definitions: Definitions } {
  const wanted = acceptLanguage?.split(',').map((range) => range.trim().slice(0, 2).toLowerCase()) ?? []
  return wanted.find((language) => language === 'en' || language === 'de') === 'de'
    ? { language: 'de', definitions: german }
    : { language: 'en', definitions: english }
}
