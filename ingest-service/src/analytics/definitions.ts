// What each number means, in one sentence; served with the numbers and written nowhere else.

const untracked = 'Visitors who asked not to be tracked are in no number.'

export const summaryDefinitions = {
  widget_views: `How often the widget was loaded, counted on the day it happened. ${untracked}`,
  sessions:
    'Visits in which the widget was loaded, counted on the day the visit began. A visit ends after 30 minutes without activity.',
  engagement_rate: 'Of the visits that loaded the widget, the share that opened it.',
  estimate_conversion_rate: 'Of the visits that opened the widget, the share that got an estimate.',
  lead_capture_rate: 'Of the visits that opened the widget, the share that left their contact.',
  quote_request_rate: 'Of the visits that opened the widget, the share that asked for a quote.',
  average_conversation_length: 'Messages a visitor sent, on average over the visits with at least one message.',
  previous: 'The same numbers for as many days just before; absent where those are not held any more.',
} as const

export const funnelDefinitions = {
  steps: `Visits that reached each step and all steps before it, in any order, counted on the day the visit began. ${untracked}`,
  of_first: 'Share of the visits that loaded the widget.',
  of_previous: 'Share of the visits that reached the step before.',
} as const
