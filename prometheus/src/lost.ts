// What an outage costs meanwhile, for the text of a page: estimates from what ingest-service last said of this hour.

/** Nothing where there is nothing to say, as in a new installation. */
export const lost =
  '{{ with query "max(last_over_time(leadlight_expected_hourly_visitors[2h])) > 0" }}' +
  'Estimated from the same hours of past weeks: {{ . | first | value | printf "%.0f" }} visitors an hour' +
  '{{ with query "max(last_over_time(leadlight_expected_hourly_leads[2h]))" }} with {{ . | first | value | printf "%.1f" }} leads{{ end }}' +
  '{{ with query "max(last_over_time(leadlight_expected_tenants[2h]))" }}, of {{ . | first | value | printf "%.0f" }} tenants{{ end }}.' +
  '{{ end }}'
