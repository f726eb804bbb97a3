import { readable } from '../readable.ts'
import { type Family, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const { EventsRejected, ClientLossReported } = thresholds

export const ingest: Family = {
  name: 'ingest',
  about: 'Events that are not stored although every server works.',
  rules: [
    ticket('EventsRejected', {
      expr: `
        sum by (reason) (increase(leadlight_events_rejected_total{tenant_class="ordinary"}[${EventsRejected.window}])) >= ${EventsRejected.events}
        and on ()
        sum(increase(leadlight_events_rejected_total{tenant_class="ordinary"}[${EventsRejected.window}])) > ${EventsRejected.share} * sum(increase(leadlight_events_total[${EventsRejected.window}]))`,
      summary: 'Many events are rejected.',
      description: `{{ $value | printf "%.0f" }} in the last ${readable(EventsRejected.window)} as {{ $labels.reason }}, and more than ${EventsRejected.share * 100} % of all events together.`,
      dashboard: 'ingest',
    }),
    ticket('ClientLossReported', {
      expr: `
        sum by (reason) (increase(leadlight_client_dropped_total[${ClientLossReported.window}])) >= ${ClientLossReported.events}
        and on ()
        sum(increase(leadlight_client_dropped_total[${ClientLossReported.window}])) > ${ClientLossReported.share} * sum(increase(leadlight_events_total{outcome="accepted"}[${ClientLossReported.window}]))`,
      summary: 'Browsers report that they gave up events.',
      description: `{{ $value | printf "%.0f" }} in the last hour because of {{ $labels.reason }}, and more than ${ClientLossReported.share * 100} % of the stored ones together.`,
      dashboard: 'ingest',
    }),
  ],
}
