import { unlessExplained } from '../explained.ts'
import { lost } from '../lost.ts'
import { type Family, page, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const { CanaryFailing, CanaryTelemetryMissing, ClockSkewed, CertificateExpiring } = thresholds
/** Of the newest replica: a canary that was started again begins with its start as the last success. */
const age = (checks: string) =>
  `time() - max by (check) (leadlight_canary_last_success_timestamp_seconds{check=~"${checks}"})`

export const canary: Family = {
  name: 'canary',
  about: 'What the synthetic visitor meets at the door that visitors use, and what it sees on the way.',
  rules: [
    page('CanaryFailing', {
      // what explains it is told, and after it the next visit is waited for
      expr: [
        `${age('event|row')} > ${CanaryFailing.seconds}`,
        unlessExplained('IngestDown|DatabaseDown', CanaryFailing.after),
      ].join('\n'),
      summary: 'The synthetic visitor does not get through.',
      description:
        'Its {{ if eq $labels.check "row" }}stored event was not found{{ else }}event was not accepted{{ end }} for {{ $value | humanizeDuration }}. What happens to it happens to visitors.',
      more: { lost },
      dashboard: 'pipeline',
    }),
    ticket('CanaryTelemetryMissing', {
      expr: `${age('metric|trace')} > ${CanaryTelemetryMissing.seconds}`,
      summary: "The synthetic visitor's telemetry does not arrive.",
      description: 'The {{ $labels.check }} of its span has not been found for {{ $value | humanizeDuration }}.',
      dashboard: 'pipeline',
    }),
    ticket('ClockSkewed', {
      expr: `max by (job) (abs(leadlight_canary_clock_skew_seconds)) > ${ClockSkewed.seconds}`,
      summary: 'The clocks of service and canary differ.',
      description: "By {{ $value | humanizeDuration }}. The service corrects visitors' times by its own clock.",
    }),
    ticket('CertificateExpiring', {
      // 0 is an address without a certificate
      expr: `(min by (job) (leadlight_canary_certificate_expiry_timestamp_seconds > 0) - time()) < ${CertificateExpiring.days} * 86400`,
      summary: 'The certificate of the public address ends soon.',
      description: 'In {{ $value | humanizeDuration }}. After that no browser sends anything.',
    }),
  ],
}
