// What every panel must say, counted by hand from visits.ts and traffic.ts.
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
    'Lead capture by day, and as usual': [['today', 2 / 4, null]],
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
