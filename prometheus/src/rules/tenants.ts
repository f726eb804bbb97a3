import { type Family, ticket } from '../rule.ts'
import { thresholds } from '../thresholds.ts'

const { TenantsSilentWidely, SilenceNotWatched } = thresholds

export const tenants: Family = {
  name: 'tenants',
  about:
    'Tenants that fell silent though their own weeks expect visitors now. Found in PostgreSQL, so no browser can feign or hide it.',
  rules: [
    ticket('TenantSilent', {
      // every replica tells the same table
      expr: 'max by (tenant_id) (leadlight_tenant_silent) == 1',
      summary: 'Nobody loads the widget of one tenant any more.',
      description:
        'For an hour {{ $labels.tenant_id }} had no load, though the same hour of its past weeks had at least five. Its page, its key or its origin may have changed.',
      dashboard: 'tenant',
    }),
    ticket('TenantsSilentWidely', {
      expr: `
        max(leadlight_tenants_silent) >= ${TenantsSilentWidely.tenants}
        and
        max(leadlight_tenants_silent) > ${TenantsSilentWidely.share} * max(leadlight_tenants_expected)`,
      summary: 'Nobody loads the widget of many tenants any more.',
      description: `{{ $value | printf "%.0f" }} tenants are silent, more than a fifth of those whose visitors are expected now: the cause is likely ours.`,
      dashboard: 'funnel',
    }),
    ticket('SilenceNotWatched', {
      expr: `time() - max by (job) (leadlight_tenant_silence_last_success_timestamp_seconds > 0) > ${SilenceNotWatched.seconds}`,
      summary: 'Silent tenants are not looked for.',
      description: 'The last time was {{ $value | humanizeDuration }} ago. A tenant that falls silent goes unnoticed.',
      dashboard: 'ingest',
    }),
  ],
}
